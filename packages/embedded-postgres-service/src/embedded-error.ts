/** A start of the embedded PostgreSQL has failed. The message is a sentence that tells the operator what to do. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

/** The end of every message about an embedded database that cannot work on this machine. */
export const OR_ANOTHER_DATABASE = 'use a PostgreSQL of your own';

/** Returns the `code` of a system error, e.g. `EACCES`. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}
