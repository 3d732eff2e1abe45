export type Role = string;

/**
 * The roles that this service itself grants rights to. The services that require other roles decide what those allow.
 */
const POWERFUL_ROLES = ['admin', 'support', 'auditor', 'impersonator', 'verifier'] as const;
export type PowerfulRole = (typeof POWERFUL_ROLES)[number];

export const hasPower = (roles: readonly Role[]): boolean => POWERFUL_ROLES.some((role) => roles.includes(role));

/** A service or a person that acts for the subject, and the one that it acts for in turn (`act`, RFC 8693 4.1). */
export interface Actor {
  readonly subject: string;
  readonly actor: Actor | null;
}

/** The caller, as a verified access token states them. */
export interface Principal {
  /** The id of the user, or of a client that acts for itself (`sub`). */
  readonly subject: string;
  /** The session that the token belongs to (`sid`); null where the token does not come from a sign-in on a device. */
  readonly session: string | null;
  /** The client that the token was issued to (`client_id`). */
  readonly client: string;
  /** The audiences that the token is meant for (`aud`). */
  readonly audiences: readonly string[];
  readonly roles: readonly Role[];
  readonly scopes: readonly string[];
  readonly email: string | null;
  /** Null where the subject acts for itself. */
  readonly actor: Actor | null;
  /** The thumbprint of the key that the token is bound to (`cnf.jkt`, RFC 9449 6.1); null for a bearer token. */
  readonly keyThumbprint: string | null;
  /** The token's own id (`jti`). */
  readonly tokenId: string;
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** A principal who has signed in on a device, and acts for themselves. */
export type Person = Principal & { readonly session: string; readonly actor: null };

/** Tells whether a service acts for itself, rather than for a user. */
export const isService = ({ subject, client, session, actor }: Principal): boolean =>
  subject === client && session === null && actor === null;

export const isPerson = (principal: Principal): principal is Person =>
  principal.session !== null && principal.actor === null;
