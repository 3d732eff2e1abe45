import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** Tokens of a session (RFC 6749 5.1). */
export class TokenResponse {
  /** Send it as `Authorization: Bearer <access_token>`; any service verifies it with the JWKS. */
  @ApiProperty({
    example: 'eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6IlE5a1hsTjBiIn0.eyJpc3MiOiJodHRwOi8v….MEUCIQ',
  })
  access_token: string;

  /** `DPoP` where the request came with a proof: then the access token works as `Authorization: DPoP` with a proof alone. */
  @ApiProperty({ enum: ['Bearer', 'DPoP'] })
  token_type: 'Bearer' | 'DPoP';

  /** Seconds until the access token expires. */
  @ApiProperty({ type: 'integer', example: 600 })
  expires_in: number;

  /** Works once, at `POST /auth/refresh`. Keep it secret. */
  @ApiProperty({ example: 'csr_AZ8zoFwefDqfZC9vPB2LegAAAAB0b3BzZWNyZXRzZWNyZXQhISFtYWNtYWNtYWNtYWNtYQ' })
  refresh_token: string;

  /** Seconds until the refresh token expires, if it is not used. */
  @ApiProperty({ type: 'integer', example: 2_592_000 })
  refresh_expires_in: number;

  /** The scopes that the access token states, parted by spaces; absent where there are none. */
  @ApiPropertyOptional({ example: 'orders:read' })
  scope?: string;

  /** The person and the sign-in, for the application alone (OpenID Connect Core 1.0 2); with the scope `openid`. */
  @ApiPropertyOptional({
    example: 'eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6IlE5a1hsTjBiIn0.eyJpc3MiOiJodHRwOi8v….MEUCIQ',
  })
  id_token?: string;
}
