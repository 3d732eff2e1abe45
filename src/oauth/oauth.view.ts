import { ApiProperty } from '@nestjs/swagger';
import type { TokenGrant } from '../tokens/access-tokens.js';

/** An access token for a service (RFC 6749 5.1). */
export class OAuthTokenResponse {
  /** Send it as `Authorization: Bearer <access_token>`; any service verifies it with the JWKS. */
  @ApiProperty({ example: 'eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6IlE5a1hsTjBiIn0.eyJpc3MiOi….MEUCIQ' })
  access_token: string;

  /** `DPoP` where the request came with a proof: then the token works with a proof of the same key alone. */
  @ApiProperty({ enum: ['Bearer', 'DPoP'] })
  token_type: 'Bearer' | 'DPoP';

  /** Seconds until it expires. */
  @ApiProperty({ type: 'integer', example: 600 })
  expires_in: number;

  /** The scopes of the token; absent where it has none. */
  @ApiProperty({ required: false, example: 'orders:read' })
  scope?: string;

  /** The type of the issued token, after an exchange (RFC 8693 2.2.1). */
  @ApiProperty({ required: false, example: 'urn:ietf:params:oauth:token-type:access_token' })
  issued_token_type?: string;

  static of(
    token: string,
    expiresIn: number,
    { scopes = [], keyThumbprint }: Pick<TokenGrant, 'scopes' | 'keyThumbprint'>,
  ): OAuthTokenResponse {
    return {
      access_token: token,
      token_type: keyThumbprint ? 'DPoP' : 'Bearer',
      expires_in: expiresIn,
      ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    };
  }
}

/** An error (RFC 6749 5.2). */
export class OAuthErrorView {
  /** @example invalid_client */
  error: string;

  /** @example The client is not known, or has not proven who it is */
  error_description: string;
}
