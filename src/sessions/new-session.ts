/** How strongly a user was authenticated (NIST SP 800-63B 4): with one factor, or with two. */
export type AssuranceLevel = 'aal1' | 'aal2';

/** The authentication of a user. */
export interface Authentication {
  /** When it was made (`auth_time`). */
  at: Date;
  /** The methods, in the terms of RFC 8176 (`amr`). */
  methods: readonly string[];
  /** `acr`. */
  level: AssuranceLevel;
}

/** The device that signs in, as far as it is known. */
export interface Device {
  userAgent: string | null;
  address: string;
  /** The id of the request that signs in. */
  requestId?: string;
  /** The thumbprint of the device's key, to which the tokens of its session are bound. */
  keyThumbprint?: string | null;
}

/** An application, and the contents of its session's tokens. */
export interface SessionClient {
  id: string;
  scopes: readonly string[];
  audiences: readonly string[];
  /** The earliest time that its tokens may state, in seconds. */
  notBefore?: number;
}

/** The session of a user who has just signed in. */
export interface SignedIn {
  /** The version of the credentials that were checked. */
  credentialsVersion: number;
  authentication: Authentication;
}

/** A session under that of a browser, with the same authentication. */
export interface UnderParent {
  parentId: string;
}

/** A session that is to be opened; without a client, of the first-party one. */
export type NewSession = {
  userId: string;
  device: Device;
  client?: SessionClient;
  /** A value that works once, which the session uses up; it opens only where nobody has used the value before. */
  uses?: { id: string; purpose: string };
} & (SignedIn | UnderParent);
