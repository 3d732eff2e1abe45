import { ApiProperty } from '@nestjs/swagger';
import type { ImpersonationToken } from './impersonation-tokens.js';

/** An access token of a user for another person, whom its claim `act` names (RFC 8693 4.1). */
export class ImpersonationView {
  @ApiProperty({ example: 'eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6IlE5a1hsTjBiIn0.eyJpc3MiOi….MEUCIQ' })
  access_token: string;

  /** `DPoP` where the caller's token is bound to a key: this one is bound to the same key. */
  @ApiProperty({ enum: ['Bearer', 'DPoP'] })
  token_type: 'Bearer' | 'DPoP';

  /** Seconds until it expires. */
  @ApiProperty({ type: 'integer', example: 600 })
  expires_in: number;

  static of({ token, expiresIn, keyThumbprint }: ImpersonationToken): ImpersonationView {
    return { access_token: token, token_type: keyThumbprint === null ? 'Bearer' : 'DPoP', expires_in: expiresIn };
  }
}
