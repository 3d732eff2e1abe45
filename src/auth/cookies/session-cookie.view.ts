import { ApiProperty } from '@nestjs/swagger';

/** A session whose secret is in a cookie. No member of this answer is a secret. */
export class CookieSessionView {
  @ApiProperty({ enum: ['cookie'] })
  transport: 'cookie';

  /** The `sid` of its access tokens. */
  @ApiProperty({ example: 'AZnzoFwefDqfZC9vPB2Leg' })
  session: string;

  /** Seconds until the session ends at the latest. */
  @ApiProperty({ type: 'integer', example: 15_552_000 })
  expires_in: number;
}
