import { ApiProperty } from '@nestjs/swagger';
import type { PersonClaims } from '../../oauth/person-claims.js';

/** The claims of the person whose access token was sent (OpenID Connect Core 1.0 5.3.2). */
export class UserinfoView implements PersonClaims {
  /** @example 0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a */
  sub: string;

  @ApiProperty({ required: false, example: 'Alice' })
  name?: string;

  @ApiProperty({ required: false, example: 'en' })
  locale?: string;

  @ApiProperty({ required: false, type: 'integer', example: 1_796_100_000 })
  updated_at?: number;

  @ApiProperty({ required: false, example: 'alice@example.com' })
  email?: string;

  @ApiProperty({ required: false })
  email_verified?: boolean;
}
