import type { FirstAdmin } from './auth/first-admin.js';
import { showsDocs, type Config } from './platform/config/config.js';
import { hasMailbox } from './platform/mail/mail.module.js';

export interface BannerFacts {
  version: string;
  config: Config;
  /** The address at which the server listens. */
  url: string;
  embedded: boolean;
  firstAdmin: FirstAdmin | null;
}

/** Returns the text that greets a person once the service runs. */
export function banner({ version, config, url, embedded, firstAdmin }: BannerFacts): string {
  const docs = showsDocs(config);
  const lines = [
    '',
    `  Countersign ${version}`,
    '',
    `  Public URL   ${config.publicUrl}   (listening on ${url})`,
    `  Swagger UI   ${docs ? `${config.publicUrl}/docs` : 'off (DOCS=on shows it)'}`,
    ...(config.extAuthzPort === null ? [] : [`  ext_authz    gRPC on ${config.extAuthzHost}:${config.extAuthzPort}`]),
    ...(config.metricsPort === null
      ? []
      : [`  Metrics      http://${config.metricsHost}:${config.metricsPort}/metrics`]),
    `  JWKS         ${config.publicUrl}/.well-known/jwks.json`,
    `  Database     ${embedded ? `embedded PostgreSQL in ${config.dataDirectory} (set DATABASE_URL to use your own)` : describe(config.databaseUrl!)}`,
    `  Environment  ${config.environment}`,
    `  ${mailOf(config)}`,
    '',
  ];
  if (firstAdmin) {
    lines.push(`  First administrator: ${firstAdmin.email}`);
    if (firstAdmin.generatedPassword) lines.push(`  Password (shown this once): ${firstAdmin.generatedPassword}`);
    lines.push('');
  }
  lines.push(
    docs
      ? '  Next: open Swagger UI and run POST /auth/login; its answer signs the page in.'
      : `  Next: curl ${config.publicUrl}/health/ready`,
    '',
  );
  return lines.join('\n');
}

function mailOf(config: Config): string {
  if (config.smtpUrl) return `Mail         by ${new URL(config.smtpUrl).host}`;
  if (hasMailbox(config)) return `Mailbox      ${config.publicUrl}/dev/mailbox (set SMTP_URL to send mail)`;
  return 'Mail         none is sent (set SMTP_URL)';
}

/** Returns host and name of the database without the rest of the URL, which may have a password. */
function describe(databaseUrl: string): string {
  const { host, pathname } = new URL(databaseUrl);
  return `PostgreSQL at ${host || 'the local socket'}${pathname}`;
}
