import type { RegisteredClient } from '../../clients/client-directory.js';
import type { Actor } from '../../common/principal.js';
import { MAX_ACTORS } from '../../tokens/claims.js';
import type { Subject } from './subject-token.js';

type ActingClient = Pick<RegisteredClient, 'id' | 'servedAudiences' | 'scopes' | 'tokenEpoch' | 'tokenTtl'>;

const lengthOf = (actor: Actor | null): number => (actor ? 1 + lengthOf(actor.actor) : 0);

/** Returns why a client may not act for this subject, in words that follow "the subject token"; null where it may. */
export function faultOfDelegation(subject: Subject, client: ActingClient): string | null {
  // RFC 9700 2.3: a token that was meant for another service must be treated as stolen.
  if (!subject.audiences.some((audience) => client.servedAudiences.includes(audience))) {
    return 'is meant for none of the audiences that the client serves';
  }
  if (subject.id === client.id) return 'is of the client itself';
  if (lengthOf(subject.actor) >= MAX_ACTORS) return `has passed through ${MAX_ACTORS} services already`;
  // The new token states the same `iat`, and would be refused.
  if (subject.issuedAt <= client.tokenEpoch) return 'is older than what the client may do now; a later one is needed';
  return null;
}

/** Nests the actors: the current one outside, the earlier ones within (RFC 8693 4.1). */
export const actorFor = (subject: Subject, client: ActingClient): Actor => ({
  subject: client.id,
  actor: subject.actor,
});

/** Returns the scopes that both the client and the subject token have. */
export const scopesFor = ({ scopes }: Subject, client: ActingClient): readonly string[] =>
  scopes === null ? client.scopes : client.scopes.filter((scope) => scopes.includes(scope));

/** Returns the latest expiry of the new token, in seconds since the epoch. */
export const endOf = (subject: Subject, client: ActingClient, now: number): number =>
  Math.min(subject.expiresAt, now + (client.tokenTtl ?? Infinity));
