import type { FastifyRequest } from 'fastify';
import type { TokenRequestDto } from './oauth.dto.js';
import type { TokenResponse } from '../sessions/token.view.js';
import type { OAuthTokenResponse } from './oauth.view.js';

/** A way to get tokens at the token endpoint. */
export interface Grant {
  /** Its `grant_type`. */
  readonly type: string;

  /** Authenticates whoever has to be authenticated, and answers. Throws the errors of RFC 6749 5.2. */
  respond(parameters: TokenRequestDto, request: FastifyRequest): Promise<OAuthTokenResponse | TokenResponse>;
}
