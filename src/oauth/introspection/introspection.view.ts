import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Principal } from '../../common/principal.js';
import { actorClaimOf, type ActorClaim } from '../../tokens/claims.js';

/** The state of a token, and its claims where it is active (RFC 7662 2.2). */
export class IntrospectionView {
  /** Whether the token is valid now, and the caller may introspect it. Otherwise there are no other members. */
  active: boolean;

  @ApiProperty({ required: false, example: 'orders:read' })
  scope?: string;

  /** The client that the token was issued to. */
  @ApiProperty({ required: false, example: 'web' })
  client_id?: string;

  /** The e-mail address of the user. */
  @ApiProperty({ required: false, example: 'alice@example.com' })
  username?: string;

  /** `DPoP` for a token that is bound to a key (RFC 9449 6.2). */
  @ApiProperty({ required: false, enum: ['Bearer', 'DPoP'] })
  token_type?: 'Bearer' | 'DPoP';

  /** Seconds since the epoch. */
  @ApiProperty({ required: false, type: 'integer', example: 1_795_400_600 })
  exp?: number;

  /** Seconds since the epoch. */
  @ApiProperty({ required: false, type: 'integer', example: 1_795_400_000 })
  iat?: number;

  @ApiProperty({ required: false, example: '0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a' })
  sub?: string;

  @ApiProperty({ required: false, oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] })
  aud?: string | readonly string[];

  @ApiProperty({ required: false, format: 'uri', example: 'https://auth.example.com' })
  iss?: string;

  @ApiProperty({ required: false, example: 'q3kXlN0bJ1cA' })
  jti?: string;

  /** The session, where the token comes from a sign-in on a device. */
  @ApiProperty({ required: false, example: 'AZnzoFwefDqfZC9vPB2Leg' })
  sid?: string;

  @ApiProperty({ required: false, type: [String], example: ['user'] })
  roles?: readonly string[];

  /** The service that acts for the subject (RFC 8693 4.1). */
  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    example: { sub: 'svc_q3kXlN0bJ1cAb9-Z' },
  })
  act?: ActorClaim;

  /** The key that the token is bound to (RFC 9449 6.1). */
  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' },
  })
  cnf?: { jkt: string };

  static of(principal: Principal, issuer: string): IntrospectionView {
    const { audiences, scopes, roles, keyThumbprint, actor } = principal;
    return {
      active: true,
      iss: issuer,
      sub: principal.subject,
      aud: audiences.length === 1 ? audiences[0]! : audiences,
      exp: principal.expiresAt,
      iat: principal.issuedAt,
      jti: principal.tokenId,
      client_id: principal.client,
      token_type: keyThumbprint === null ? 'Bearer' : 'DPoP',
      ...(scopes.length > 0 && { scope: scopes.join(' ') }),
      ...(principal.session !== null && { sid: principal.session }),
      ...(principal.email !== null && { username: principal.email }),
      ...(roles.length > 0 && { roles }),
      ...(actor && { act: actorClaimOf(actor) }),
      ...(keyThumbprint !== null && { cnf: { jkt: keyThumbprint } }),
    };
  }
}
