import type { Principal } from '../common/principal.js';

/**
 * What the services behind a gateway hear of a caller. Always all of it: many gateways overwrite only what they are
 * given, and would otherwise pass on what the client forged.
 */
export type IdentityHeaders = Record<
  'X-Auth-Subject' | 'X-Auth-Session' | 'X-Auth-Client' | 'X-Auth-Roles' | 'X-Auth-Scope' | 'X-Auth-Email',
  string
> & {
  /** The token that an opaque credential was exchanged for; absent where the client's own `Authorization` stands. */
  Authorization?: string;
};

type Identity = Pick<Principal, 'subject' | 'session' | 'client' | 'roles' | 'scopes' | 'email'>;

const NOBODY: Identity = { subject: '', session: '', client: '', roles: [], scopes: [], email: null };

// Whatever a decoder does with `+`, the value is the same, and addresses, roles and scopes mostly read as they are.
const READABLE = /%(?:40|3A|2F)/g;

/** Percent-encoded UTF-8 (RFC 3986 2.1), but for `@`, `:` and `/`. Throws on ill-formed Unicode. */
const encode = (value: string): string => encodeURIComponent(value).replace(READABLE, decodeURIComponent);

export const identityHeadersOf = (identity: Identity): IdentityHeaders => ({
  'X-Auth-Subject': encode(identity.subject),
  'X-Auth-Session': encode(identity.session ?? ''),
  'X-Auth-Client': encode(identity.client),
  'X-Auth-Roles': identity.roles.map(encode).join(','),
  'X-Auth-Scope': identity.scopes.map(encode).join(' '),
  'X-Auth-Email': encode(identity.email ?? ''),
});

/** Of a preflight, which has no identity. */
export const NO_IDENTITY = identityHeadersOf(NOBODY);
