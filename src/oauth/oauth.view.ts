import { ApiProperty } from '@nestjs/swagger';

/** An access token for a service (RFC 6749 5.1). */
export class OAuthTokenResponse {
  /** Send it as `Authorization: Bearer <access_token>`; any service verifies it with the JWKS. */
  @ApiProperty({ example: 'eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6IlE5a1hsTjBiIn0.eyJpc3MiOi….MEUCIQ' })
  access_token: string;

  @ApiProperty({ enum: ['Bearer'] })
  token_type: 'Bearer';

  /** Seconds until it expires. */
  @ApiProperty({ type: 'integer', example: 600 })
  expires_in: number;

  /** What it allows; absent where that is nothing in particular. */
  @ApiProperty({ required: false, example: 'orders:read' })
  scope?: string;
}

/** An error (RFC 6749 5.2). */
export class OAuthErrorView {
  /** @example invalid_client */
  error: string;

  /** @example The client is not known, or has not proven who it is */
  error_description: string;
}
