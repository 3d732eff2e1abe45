import type { Principal } from '../common/principal.js';

/**
 * The headers about a caller for the services behind a gateway. All of them are always present: many gateways overwrite
 * only the headers that they get, and would pass on others that the client has forged.
 */
export type IdentityHeaders = Record<
  | 'X-Auth-Subject'
  | 'X-Auth-Actor'
  | 'X-Auth-Session'
  | 'X-Auth-Client'
  | 'X-Auth-Roles'
  | 'X-Auth-Scope'
  | 'X-Auth-Email',
  string
> & {
  /**
   * The token that an opaque credential was exchanged for; absent where the client's own `Authorization` is passed on.
   */
  Authorization?: string;
};

type Identity = Pick<Principal, 'subject' | 'actor' | 'session' | 'client' | 'roles' | 'scopes' | 'email'>;

const NOBODY: Identity = { subject: '', actor: null, session: '', client: '', roles: [], scopes: [], email: null };

// A decoder may treat `+` in any way without changing the value, and most addresses, roles and scopes stay readable.
const READABLE = /%(?:40|3A|2F)/g;

/** Percent-encodes UTF-8 (RFC 3986 2.1), except `@`, `:` and `/`. Throws for ill-formed Unicode. */
const encode = (value: string): string => encodeURIComponent(value).replace(READABLE, decodeURIComponent);

export const identityHeadersOf = (identity: Identity): IdentityHeaders => ({
  'X-Auth-Subject': encode(identity.subject),
  // Somebody who acts for the user has a session and the user's roles, so that nothing else tells the two apart.
  'X-Auth-Actor': encode(identity.actor?.subject ?? ''),
  'X-Auth-Session': encode(identity.session ?? ''),
  'X-Auth-Client': encode(identity.client),
  'X-Auth-Roles': identity.roles.map(encode).join(','),
  'X-Auth-Scope': identity.scopes.map(encode).join(' '),
  'X-Auth-Email': encode(identity.email ?? ''),
});

/** The headers of a preflight, which has no identity. */
export const NO_IDENTITY = identityHeadersOf(NOBODY);
