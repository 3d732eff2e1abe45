import type { Setting } from './setting.js';
import { SETTINGS } from './settings.js';

/** Writes `docs/configuration.md`. */
export function configurationMarkdown(): string {
  const rows = Object.values<Setting<unknown>>(SETTINGS).map(({ env, form, fallback, doc, secret }) => {
    const standard = fallback === null ? 'unset' : fallback === '' ? 'empty' : `\`${fallback}\``;
    return `| \`${env}\`${secret ? ' (secret)' : ''} | ${form} | ${standard} | ${doc} |`;
  });
  return `# Configuration

Every setting is an environment variable; a \`.env\` file in the working directory is read too, and the process'
environment wins over it. All faults are reported at once, by name, when the service starts. An empty variable counts as
an absent one. This page is generated from the \`*.settings.ts\` of all features by \`npm run docs\`.

| variable | form | default | meaning |
| --- | --- | --- | --- |
${rows.join('\n')}

## What production refuses

With \`NODE_ENV=production\` the service does not start with: no \`SECRET_KEY\`, or words or a pattern in its place or that of \`JWT_SECRET\`; no \`PUBLIC_URL\`, or one of plain http, but for
loopback; \`*\` among \`CORS_ORIGINS\`; no \`DATABASE_URL\`, unless \`EMBEDDED_DATABASE=always\`; \`ADMIN_EMAIL\` without
\`ADMIN_PASSWORD\`; \`RATE_LIMITS=false\`. It never generates an administrator's password.
`;
}
