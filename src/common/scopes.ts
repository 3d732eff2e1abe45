/** The scopes that this service itself asks for, by what they allow (RFC 6749 3.3). */
export const SCOPES = {
  readRevocations: 'revocations:read',
  /** To make and change one's own streams of shared signals (CAEP interoperability profile). */
  manageSignals: 'ssf.manage',
  /** To read them, and what they hold. */
  readSignals: 'ssf.read',
  /** To ask about tokens by an access token of one's own (RFC 7662 2.1). */
  introspect: 'introspect',
  /** To read users. */
  readUsers: 'users:read',
  /** To administer users, but those whom this service gives power to. */
  writeUsers: 'users:write',
} as const;
