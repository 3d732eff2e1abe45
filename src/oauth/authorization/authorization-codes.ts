import { purposeOf } from '../../platform/one-time/one-time-purpose.js';

/** The facts of an authorization code. None of them is a secret. */
export interface CodeFacts {
  client: string;
  redirectUri: string;
  /** Null where the client does not use PKCE. */
  challenge: string | null;
  nonce: string | null;
  scopes: readonly string[];
  audiences: readonly string[];
  /** The session of the browser. */
  parent: string;
  /** The session that the code has opened. It is noted where the code is used. */
  session?: string;
}

/** RFC 6749 4.1.2: at most ten minutes; a redirect takes seconds. */
export const AUTHORIZATION_CODE = purposeOf<CodeFacts>({ name: 'authorization_code', lifetime: 60, codes: null });
