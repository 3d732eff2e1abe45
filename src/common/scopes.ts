/** The scopes that this service itself requires, by what they allow (RFC 6749 3.3). */
export const SCOPES = {
  readRevocations: 'revocations:read',
  /** Allows to create and change one's own streams of shared signals (CAEP interoperability profile). */
  manageSignals: 'ssf.manage',
  /** Allows to read these streams, and the events in them. */
  readSignals: 'ssf.read',
  /** Allows to introspect tokens with an access token of one's own (RFC 7662 2.1). */
  introspect: 'introspect',
  /** Allows to read the audit log. */
  readAudit: 'audit:read',
  /** Allows to read users. */
  readUsers: 'users:read',
  /** Allows to administer users, except those with a role that this service grants rights to. */
  writeUsers: 'users:write',
} as const;
