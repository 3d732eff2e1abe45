import { TokenError } from '../errors.js';
import { TokenFault } from '../token-fault.js';

// RFC 6750 2.1: b64token. RFC 9110 11.1: the scheme's case does not matter.
const CREDENTIALS = /^(?<scheme>bearer|dpop) +(?<token>[\w.~+/-]+=*)$/i;
const SCHEME = /^(?:bearer|dpop)(?: |$)/i;

/** The credentials of a request. */
export interface Credentials {
  readonly token: string;
  /** The one `DPoP` header, beside `Authorization: DPoP` (RFC 9449 7.1); null for a bearer token. */
  readonly proof: string | null;
}

/** Returns all values of a header: Node shows a repeated header only in `rawHeaders`. */
function valuesOf(rawHeaders: readonly string[], header: string): string[] {
  const values: string[] = [];
  for (let name = 0; name < rawHeaders.length; name += 2) {
    if (rawHeaders[name]!.length === header.length && rawHeaders[name]!.toLowerCase() === header)
      values.push(rawHeaders[name + 1]!);
  }
  return values;
}

const fault = (check: string, expected: string, found: string): TokenFault => new TokenFault(check, expected, found);

/**
 * Returns the token of the one `Authorization: Bearer` or `Authorization: DPoP` header of a request. No other place is
 * looked at.
 *
 * @param rawHeaders Names and values in turn, as Node has them.
 * @throws TokenError `token_missing` without one, `token_invalid` for two headers or for one without a token, and
 * `invalid_dpop_proof` where a bound token does not come with exactly one `DPoP` header.
 */
export function credentialsOf(rawHeaders: readonly string[]): Credentials {
  const [header, second] = valuesOf(rawHeaders, 'authorization');
  if (second !== undefined) throw new TokenError('token_invalid', fault('Authorization', 'one header', 'several'));
  const { scheme, token } = (header && CREDENTIALS.exec(header)?.groups) || {};
  if (!token) {
    if (header === undefined) throw new TokenError('token_missing');
    const code = SCHEME.test(header) ? 'token_invalid' : 'token_missing';
    throw new TokenError(code, fault('Authorization', 'Bearer or DPoP, and one token', 'another form'));
  }
  if (scheme!.toLowerCase() === 'bearer') return { token, proof: null };
  const [proof, another] = valuesOf(rawHeaders, 'dpop');
  if (proof === undefined || another !== undefined) {
    throw new TokenError('invalid_dpop_proof', fault('DPoP', 'one header', proof === undefined ? 'none' : 'several'));
  }
  return { token, proof };
}

/** Tells whether a request uses the scheme of tokens that are bound to a key. */
export const usesDpop = (rawHeaders: readonly string[]): boolean =>
  valuesOf(rawHeaders, 'authorization').some((value) => /^dpop(?: |$)/i.test(value));
