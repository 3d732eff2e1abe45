/** A kind of evidence (NIST SP 800-63B 4): something that the user knows, has, or is. */
export type Factor = 'knowledge' | 'possession' | 'inherence';

/** The terms of RFC 8176 2 for the checks of a sign-in. */
export type Amr = 'pwd' | 'otp' | 'pop' | 'hwk' | 'swk' | 'user';

/** A method of authentication. Each has a folder of its own, which declares one of these. */
export interface SignInMethod {
  readonly method: string;
  readonly amr: readonly Amr[];
  readonly factors: readonly Factor[];
}

/** The result of every method: an authenticated user. */
export interface SignInProof extends SignInMethod {
  readonly userId: string;
  /** The version of the user's credentials that was checked, so that a change of them since is noticed. */
  readonly credentialsVersion: number;
  readonly at: Date;
}
