import type { FastifyRequest } from 'fastify';
import type { TokenRequestDto } from './oauth.dto.js';
import type { TokenResponse } from '../sessions/token.view.js';
import type { OAuthTokenResponse } from './oauth.view.js';

/**
 * The thumbprint of the key that the tokens are to be bound to, or null for bearer tokens (RFC 9449 5). It uses the proof
 * up, so it comes when everything else has been found good. Throws `invalid_dpop_proof`, `use_dpop_nonce`.
 */
export type ProveKey = () => Promise<string | null>;

/** A way to get tokens at the token endpoint. */
export interface Grant {
  /** Its `grant_type`. */
  readonly type: string;

  /** Authenticates the client where one is required, and answers. Throws the errors of RFC 6749 5.2. */
  respond(
    parameters: TokenRequestDto,
    request: FastifyRequest,
    proveKey: ProveKey,
  ): Promise<OAuthTokenResponse | TokenResponse>;
}
