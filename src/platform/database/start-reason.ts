import { StartFault } from '../../common/errors.js';

// PostgreSQL's classes for a wrong user or password, and for a database that does not exist.
const REFUSAL = /^(28...|3D000)$/;

/** Returns why a database refuses us, without the user name and password of its URL, which errors may contain. */
export function reasonOf(error: Error, url: string): string {
  // Node reports several refused addresses as one error without a message.
  const message =
    error instanceof AggregateError ? error.errors.map((each: Error) => each.message).join(', ') : error.message;
  const { username, password } = new URL(url);
  return [password, username]
    .flatMap((piece) => [piece, decodeURIComponent(piece)])
    .filter((piece) => piece !== '')
    .reduce(
      (text, piece) =>
        text.replace(new RegExp(`(?<!\\w)${piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?!\\w)`, 'gi'), '…'),
      message,
    );
}

/** Returns the sentence for an operator whose database refuses us or cannot be reached; any other error as it is. */
export function startFaultOf(error: unknown, setting: string, url: string, isAway: boolean): unknown {
  if (!(error instanceof Error)) return error;
  const reason = reasonOf(error, url);
  if (REFUSAL.test(String((error as { code?: unknown }).code)))
    return new StartFault(`PostgreSQL refuses ${setting}: ${reason}.`);
  return isAway
    ? new StartFault(`PostgreSQL cannot be reached (${reason}). Check ${setting} and that it runs.`)
    : error;
}
