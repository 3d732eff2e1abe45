/** How strongly a user has proved who they are (NIST SP 800-63B 4): with one factor, or with two. */
export type AssuranceLevel = 'aal1' | 'aal2';

/** A user's proof of who they are. */
export interface Authentication {
  /** When it was made (`auth_time`). */
  at: Date;
  /** With what, in the words of RFC 8176 (`amr`). */
  methods: readonly string[];
  /** `acr`. */
  level: AssuranceLevel;
}

/** What is known of the device that signs in. */
export interface Device {
  userAgent: string | null;
  address: string;
  /** The thumbprint of the key that the device holds, and its session's tokens are bound to. */
  keyThumbprint?: string | null;
}

/** An application, and what the tokens of its session state. */
export interface SessionClient {
  id: string;
  scopes: readonly string[];
  audiences: readonly string[];
}

/** A session of somebody who has just signed in. */
export interface SignedIn {
  /** The version of the credentials that were checked. */
  credentialsVersion: number;
  authentication: Authentication;
}

/** A session under that of a browser, whose authentication it has. */
export interface UnderParent {
  parentId: string;
}

/** A session that is to be opened; without a client, of the first-party one. */
export type NewSession = {
  userId: string;
  device: Device;
  client?: SessionClient;
} & (SignedIn | UnderParent);
