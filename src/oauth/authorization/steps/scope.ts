import type { RegisteredClient } from '../../../clients/client-directory.js';
import { AppError } from '../../../common/errors.js';
import { scopesOf } from '../../narrowing.js';
import type { AuthorizationParametersDto } from '../authorization.dto.js';

/** The scopes of OpenID Connect Core 1.0 5.4 that stand for claims of the person. No client has to register them. */
export const IDENTITY_SCOPES = ['openid', 'profile', 'email'] as const;

/**
 * Scopes that many clients ask for by themselves, and that change nothing here: every session can be refreshed for as long
 * as that of the browser.
 */
const IGNORED = new Set(['offline_access', 'address', 'phone']);

/** Returns the scopes that a session of a client may have. */
export const sessionScopesOf = ({ grantTypes, scopes }: Pick<RegisteredClient, 'grantTypes' | 'scopes'>): string[] =>
  grantTypes.includes('authorization_code') ? [...IDENTITY_SCOPES, ...scopes] : [...scopes];

/** Returns the requested scopes; none where the request names none. Throws `invalid_scope`. */
export function authorizationScopesOf(
  { scope }: AuthorizationParametersDto,
  client: Pick<RegisteredClient, 'grantTypes' | 'scopes'>,
): readonly string[] {
  const requested = scope === undefined ? [] : scopesOf(scope).filter((one) => !IGNORED.has(one));
  const allowed = sessionScopesOf(client);
  if (requested.some((one) => !allowed.includes(one))) throw new AppError('invalid_scope');
  return requested;
}
