import { AUDIT_EVENTS, type AuditEventType } from './audit-events.js';

function listOf(title: string, texts: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries(texts).map(([name, text]) => `- \`${name}\`: ${text}`);
  return lines.length === 0 ? '' : `\n\`${title}\`:\n\n${lines.join('\n')}\n`;
}

/** `docs/audit-events.md`. */
export function auditEventsMarkdown(): string {
  const sections = Object.entries<AuditEventType>(AUDIT_EVENTS).map(
    ([name, { meaning, outcome = 'success', details, reasons, shownToSubject }]) =>
      `## ${name}\n\n**${outcome}**${shownToSubject ? ', shown to its subject' : ''} · ${meaning}\n${listOf('reason', reasons)}${listOf('details', details)}`,
  );
  return `# Audit events

Every event of the [audit log](audit.md), by its name. Names are stable; \`details\` may get more members. This page is
generated from the \`*.audit.ts\` of all features by \`npm run docs\`.

${sections.join('\n')}`;
}
