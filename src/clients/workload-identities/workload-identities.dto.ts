import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsObject } from 'class-validator';
import type { JwkSet } from '../../jose/key-set.js';
import { Excludes, IsText, MayBeAbsent } from '../../common/validation.js';

export class AddWorkloadIdentityDto {
  /** The `iss` of its tokens, exactly. */
  @ApiProperty({ maxLength: 500, example: 'https://token.actions.githubusercontent.com' })
  @IsText({ max: 500 })
  issuer: string;

  /** The `sub` of its tokens, exactly: there are no patterns. */
  @ApiProperty({ maxLength: 500, example: 'repo:example/orders:ref:refs/heads/main' })
  @IsText({ max: 500 })
  subject: string;

  /** The `aud` of its tokens. By default the issuer name of this service. */
  @ApiPropertyOptional({ maxLength: 500 })
  @MayBeAbsent()
  @IsText({ max: 500 })
  audience?: string;

  /** The keys of the issuer (RFC 7517 5), where this service cannot reach it. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  @MayBeAbsent()
  @IsObject()
  jwks?: JwkSet;

  /** The URL of its keys. With neither, the URL is read from its `/.well-known/openid-configuration`. */
  @ApiPropertyOptional({ format: 'uri', maxLength: 2000 })
  @MayBeAbsent()
  @IsText({ max: 2000 })
  @Excludes('jwks')
  jwks_uri?: string;
}
