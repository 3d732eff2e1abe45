import type { User } from '../users/user.entity.js';

/** The claims of a person that an application gets (OpenID Connect Core 1.0 5.1). */
export interface PersonClaims {
  name?: string;
  locale?: string;
  updated_at?: number;
  email?: string;
  email_verified?: boolean;
}

/** The scopes that stand for claims. */
const SCOPES_OF_CLAIMS = new Set(['profile', 'email']);

export const namesClaims = (scopes: readonly string[]): boolean => scopes.some((scope) => SCOPES_OF_CLAIMS.has(scope));

/** Returns the claims for which the scopes stand (OpenID Connect Core 1.0 5.4). */
export const personClaimsOf = (user: User, scopes: readonly string[]): PersonClaims => ({
  ...(scopes.includes('profile') && {
    ...(user.displayName !== null && { name: user.displayName }),
    ...(user.locale !== null && { locale: user.locale }),
    updated_at: Math.floor(user.updatedAt.getTime() / 1000),
  }),
  ...(scopes.includes('email') && { email: user.email, email_verified: user.emailVerifiedAt !== null }),
});
