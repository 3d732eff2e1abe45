import type { FastifyRequest } from 'fastify';
import type { TokenRequestDto } from './oauth.dto.js';
import type { TokenResponse } from '../sessions/token.view.js';
import type { OAuthTokenResponse } from './oauth.view.js';

/**
 * Returns the thumbprint of the key to bind the tokens to, or null for bearer tokens (RFC 9449 5). It uses the proof
 * up, so it is called after all other checks. Throws `invalid_dpop_proof`, `use_dpop_nonce`.
 */
export type ProveKey = () => Promise<string | null>;

/** A way to get tokens at the token endpoint. */
export interface Grant {
  /** Its `grant_type`. */
  readonly type: string;

  /** Authenticates the client where one is required, and returns the tokens. Throws the errors of RFC 6749 5.2. */
  respond(
    parameters: TokenRequestDto,
    request: FastifyRequest,
    proveKey: ProveKey,
  ): Promise<OAuthTokenResponse | TokenResponse>;
}
