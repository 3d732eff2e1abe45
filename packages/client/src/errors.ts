import type { TokenFault } from './token-fault.js';

/** What is wrong with a token, or with what it allows. The codes are those of the problem documents of the service. */
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
 * `token_stale` says that the verifier has lost the revocation feed for too long to vouch for a token of this age; the
 * client refreshes, and its new token passes.
 *
 * `cause` names the check, what it expects and what it found, where the code does not say everything: for your log.
 */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  declare readonly cause?: TokenFault;

  /** Also knows the errors of the other build of this package: one process may load both. */
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

/** The issuer could not be asked for the key of a token: neither accept nor refuse it. Answer 503. */
export class VerifierUnavailableError extends Error {
  override readonly name = 'VerifierUnavailableError';

  /** As that of {@link TokenError}. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'VerifierUnavailableError';
  }
}
