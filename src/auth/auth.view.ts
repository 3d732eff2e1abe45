import { ApiProperty } from '@nestjs/swagger';
import type { Actor, Principal } from '../common/principal.js';

/** A service or a person that acts for a subject. */
export class ActorView {
  /** @example svc_q3kXlN0bJ1cAb9-Z */
  sub: string;

  /** The actor before this one; absent for the first one. */
  @ApiProperty({ type: () => ActorView, required: false })
  act?: ActorView;

  static of({ subject, actor }: Actor): ActorView {
    return { sub: subject, ...(actor && { act: ActorView.of(actor) }) };
  }
}

/** The principal as its access token states it. */
export class PrincipalView {
  /** @example 0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a */
  sub: string;

  /** The session; null where the token does not come from a sign-in on a device. */
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

  /** The actor for the subject (RFC 8693 4.1); null where the subject acts in person. */
  @ApiProperty({ type: () => ActorView, nullable: true, example: null })
  act: ActorView | null;

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
      act: principal.actor && ActorView.of(principal.actor),
      iat: principal.issuedAt,
      exp: principal.expiresAt,
    };
  }
}
