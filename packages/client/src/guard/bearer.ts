import { TokenError } from '../errors.js';

const AUTHORIZATION = 'authorization';
// RFC 6750 2.1: b64token. RFC 9110 11.1: the scheme's case does not matter.
const CREDENTIALS = /^bearer +(?<token>[\w.~+/-]+=*)$/i;
const SCHEME = /^bearer(?: |$)/i;

/**
 * The token of the one `Authorization: Bearer` header of a request (RFC 6750 2.1). No other place is looked at.
 *
 * @param rawHeaders Names and values by turns, as Node has them: it hides a repeated header everywhere else.
 * @throws TokenError `token_missing` without one, `token_invalid` for two or for one that holds no token.
 */
export function bearerTokenOf(rawHeaders: readonly string[]): string {
  let header: string | undefined;
  for (let name = 0; name < rawHeaders.length; name += 2) {
    if (rawHeaders[name]!.toLowerCase() !== AUTHORIZATION) continue;
    if (header !== undefined) throw new TokenError('token_invalid');
    header = rawHeaders[name + 1]!;
  }
  const token = header && CREDENTIALS.exec(header)?.groups!.token;
  if (!token) throw new TokenError(header && SCHEME.test(header) ? 'token_invalid' : 'token_missing');
  return token;
}
