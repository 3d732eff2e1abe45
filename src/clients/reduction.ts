import { isDeepStrictEqual } from 'node:util';
import type { Client } from './client.entity.js';

type Capabilities = Pick<
  Client,
  | 'status'
  | 'grantTypes'
  | 'scopes'
  | 'audiences'
  | 'servedAudiences'
  | 'jwks'
  | 'jwksUri'
  | 'tlsSubjectDn'
  | 'firstParty'
>;

const LISTS = ['grantTypes', 'scopes', 'audiences', 'servedAudiences'] as const;
const PROOFS = ['jwksUri', 'tlsSubjectDn'] as const;

/**
 * Tells whether existing tokens state more than the client may have now, or whether a credential that was valid before
 * is not any more.
 */
export function isReduced(before: Capabilities, after: Capabilities): boolean {
  if (before.status === 'active' && after.status === 'disabled') return true;
  if (before.firstParty && !after.firstParty) return true;
  if (LISTS.some((list) => before[list].some((item) => !(after[list] as readonly string[]).includes(item))))
    return true;
  if (PROOFS.some((proof) => before[proof] !== null && before[proof] !== after[proof])) return true;
  // An additional key removes nothing, so that keys can be replaced without a gap.
  const kept = after.jwks?.keys ?? [];
  return (before.jwks?.keys ?? []).some((key) => !kept.some((other) => isDeepStrictEqual(key, other)));
}
