import { inspect } from 'node:util';

const LONGEST = 120;

const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

/** Writes the value of a stranger for a log: on one line, escaped and cut. */
export const shown = (value: unknown): string =>
  value === undefined
    ? 'nothing'
    : cut(
        inspect(value, { depth: 2, breakLength: Infinity, compact: true, maxStringLength: LONGEST, maxArrayLength: 8 }),
      );

/**
 * Describes the check that refused a token, the expected and the found value: the `cause` of a {@link TokenError}, for
 * the log of the service, not for its caller. It never contains a token, a signature or a secret.
 */
export class TokenFault extends Error {
  override readonly name = 'TokenFault';
  readonly expected: string;
  readonly found: string;

  /** `check` is a claim (`iss`, `aud`, `exp`), a member of the header (`typ`, `alg`, `kid`), or a word such as `signature`. */
  constructor(
    readonly check: string,
    expected: unknown,
    found: unknown,
  ) {
    const texts = [typeof expected === 'string' ? cut(expected) : shown(expected), shown(found)] as const;
    super(`${check}: expected ${texts[0]}, found ${texts[1]}`);
    [this.expected, this.found] = texts;
  }
}
