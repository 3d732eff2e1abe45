import type { Actor } from '../common/principal.js';

/** A session that ended while tokens of it may be alive. */
export interface SessionRevocation {
  readonly kind: 'session';
  /** {@link fingerprintOf} its short id. */
  readonly fingerprint: string;
  /** Its place in the Token Status List; null for a session older than the list. */
  readonly statusIndex: number | null;
  /** Seconds since the epoch, from when no token can match and the entry may be forgotten. */
  readonly expiresAt: number;
}

/** One entry that refuses many tokens: those of a user, a client, a key or of everybody that are not newer. */
export interface RevocationEpoch {
  readonly kind: 'user' | 'client' | 'key' | 'all';
  /** `sub`, `client_id` or `kid`; empty for everybody. */
  readonly subject: string;
  /** Seconds: tokens with `iat` up to and including this are refused. */
  readonly notBefore: number;
  /** The places in the Token Status List of the sessions that ended with it. */
  readonly statusIndexes: readonly number[];
  readonly expiresAt: number;
}

export type Revocation = SessionRevocation | RevocationEpoch;

/** A revocation and its number in the log. */
export type RevocationEntry = Revocation & { readonly seq: number };

/** The claims of a verified token that decide whether it is revoked. */
export interface RevocableToken {
  /** `sid`; null where the token belongs to no session. */
  readonly session: string | null;
  /** `sub`. */
  readonly subject: string;
  /** `client_id`. */
  readonly client: string;
  /** `iat`. */
  readonly issuedAt: number;
  /** `act`; null or absent where the subject acts for itself. */
  readonly actor?: Actor | null;
}

/** The claims of a token that an epoch may refer to. */
export type TokenOwners = Pick<RevocableToken, 'subject' | 'client' | 'actor'>;

/**
 * Returns the last 56 random bits of a session id: enough to tell a few thousand revoked sessions from all living ones.
 */
export const fingerprintOf = (session: string): string => session.slice(12);
