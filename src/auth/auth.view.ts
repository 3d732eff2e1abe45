import { ApiProperty } from '@nestjs/swagger';
import type { Principal } from '../common/principal.js';

/** The principal as its access token states it. */
export class PrincipalView {
  /** @example 0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a */
  sub: string;

  /** The session; null where nobody has signed in on a device. */
  @ApiProperty({ type: 'string', nullable: true, example: 'AZnzoFwefDqfZC9vPB2Leg' })
  sid: string | null;

  /** @example web */
  client_id: string;

  @ApiProperty({ type: 'string', nullable: true, example: 'alice@example.com' })
  email: string | null;

  @ApiProperty({ type: [String], example: ['user'] })
  roles: readonly string[];

  @ApiProperty({ type: [String], example: [] })
  scopes: readonly string[];

  /** Seconds since the epoch. */
  @ApiProperty({ type: 'integer', example: 1_795_400_000 })
  iat: number;

  /** Seconds since the epoch. */
  @ApiProperty({ type: 'integer', example: 1_795_400_600 })
  exp: number;

  static of(principal: Principal): PrincipalView {
    return {
      sub: principal.subject,
      sid: principal.session,
      client_id: principal.client,
      email: principal.email,
      roles: principal.roles,
      scopes: principal.scopes,
      iat: principal.issuedAt,
      exp: principal.expiresAt,
    };
  }
}
