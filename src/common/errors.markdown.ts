import { ERRORS, type ErrorType } from './errors.js';

/** Writes `docs/errors.md`. */
export function errorsMarkdown(): string {
  const sections = Object.entries<ErrorType>(ERRORS).map(
    ([code, { status, title, help }]) => `## ${code}\n\n**${status}** · ${title}. ${help}\n`,
  );
  return `# Errors

Every error is a problem document (RFC 9457, \`application/problem+json\`). Decide by \`code\`: codes are stable, titles
may be reworded. The log has \`request_id\` too, beside the cause. The \`type\` of a problem is a URL of the service that
explains it: \`GET /problems/{code}\`. This page is generated from the \`*.errors.ts\` of all features by \`npm run docs\`.

${sections.join('\n')}`;
}
