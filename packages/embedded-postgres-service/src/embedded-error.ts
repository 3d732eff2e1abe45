/** A start of the embedded PostgreSQL failed; the message is a sentence for the operator and says what to do. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

/** What every message ends with when the embedded database cannot work on this machine. */
export const OR_ANOTHER_DATABASE = 'use a PostgreSQL of your own';

/** The `code` of a system error, e.g. `EACCES`. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}
