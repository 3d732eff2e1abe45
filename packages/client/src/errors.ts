import type { TokenFault } from './token-fault.js';

/** The fault of a token, or of its rights. The codes are those in the problem documents of the service. */
export type TokenErrorCode =
  | 'token_missing'
  | 'token_bound'
  | 'token_unbound'
  | 'invalid_dpop_proof'
  | 'token_invalid'
  | 'token_expired'
  | 'token_revoked'
  | 'token_stale'
  | 'insufficient_role'
  | 'insufficient_scope';

const MESSAGES: Record<TokenErrorCode, string> = {
  token_missing: 'An access token is required',
  token_invalid: 'The access token is not valid',
  token_bound: 'The access token is bound to a key, and works with a DPoP proof of that key alone',
  token_unbound: 'An access token that is bound to a key is required',
  invalid_dpop_proof: 'The DPoP proof is not valid for this request',
  token_expired: 'The access token has expired',
  token_revoked: 'The access token has been revoked',
  token_stale: 'Whether the access token has been revoked is not known; a newer token will pass',
  insufficient_role: 'The access token lacks a role',
  insufficient_scope: 'The access token lacks a scope',
};

/**
 * A statement about the token: answer 401, and 403 where a role or a scope is missing (RFC 6750 3.1).
 *
 * `token_stale` means that the verifier has been without the revocation feed for too long to accept a token of this
 * age. The client refreshes, and its new token is accepted.
 *
 * `cause` names the check, the expected and the found value, where the code does not tell everything: for your log.
 */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  declare readonly cause?: TokenFault;

  /** Also recognises errors of the other build of this package, since one process may load both. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'TokenError';
  }

  constructor(
    readonly code: TokenErrorCode,
    fault?: TokenFault,
  ) {
    super(MESSAGES[code], fault && { cause: fault });
  }
}

/** The key of a token could not be fetched from the issuer: neither accept nor refuse the token. Answer 503. */
export class VerifierUnavailableError extends Error {
  override readonly name = 'VerifierUnavailableError';

  /** Does the same as that of {@link TokenError}. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'VerifierUnavailableError';
  }
}
