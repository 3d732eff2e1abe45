import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  Matches,
  Max,
  Min,
  ValidateBy,
} from 'class-validator';
import { faultOfKeySet, type JwkSet } from '../jose/key-set.js';
import { Excludes, IsText, MayBeAbsent } from '../common/validation.js';
import { CLIENT_STATUSES, GRANT_TYPES, type ClientStatus, type GrantType } from './client.entity.js';

// The form of RFC 6749 3.3, but shorter, because tokens contain scopes.
export const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,64}$/;
export const AUDIENCE = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/;

export const IsTexts = (form: RegExp, message: string, example: string[]) =>
  applyDecorators(
    ApiPropertyOptional({
      type: 'array',
      items: { type: 'string', pattern: form.source },
      maxItems: 64,
      uniqueItems: true,
      example,
    }),
    MayBeAbsent(),
    IsArray(),
    ArrayMaxSize(64),
    ArrayUnique(),
    Matches(form, { each: true, message }),
  );

const IsKeySet = () =>
  ValidateBy({
    name: 'key_set',
    validator: {
      validate: (value: unknown) => faultOfKeySet(value) === null,
      defaultMessage: (about) => `$property ${faultOfKeySet(about?.value)}`,
    },
  });

export class ClientSettingsDto {
  /** `disabled` refuses its tokens at once. */
  @ApiPropertyOptional({ enum: CLIENT_STATUSES })
  @MayBeAbsent()
  @IsIn(CLIENT_STATUSES)
  status?: ClientStatus;

  /** The grants by which it may get tokens. */
  @ApiPropertyOptional({ enum: GRANT_TYPES, isArray: true, default: ['client_credentials'] })
  @MayBeAbsent()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @IsIn(GRANT_TYPES, { each: true })
  grant_types?: GrantType[];

  /** The scopes that it may have at most. */
  @IsTexts(SCOPE, '$property must be scopes such as orders:read', ['orders:read'])
  scopes?: string[];

  /** The audiences that its tokens may have; the first one where a request names none. By default that of people's tokens. */
  @IsTexts(AUDIENCE, '$property must be audiences such as api', ['api'])
  @ArrayNotEmpty()
  audiences?: string[];

  /** The audiences that the service itself serves: it may introspect tokens with one of them. */
  @IsTexts(AUDIENCE, '$property must be audiences such as api', ['orders'])
  served_audiences?: string[];

  /** Lifetime of its tokens in seconds, at most `ACCESS_TOKEN_TTL`; null for that setting. */
  @ApiPropertyOptional({ type: 'integer', nullable: true, minimum: 30, maximum: 3600, example: 300 })
  @IsOptional()
  @IsInt()
  @Min(30)
  @Max(3600)
  token_ttl?: number | null;

  /** Its public keys (RFC 7517 5), for `private_key_jwt`. */
  @ApiPropertyOptional({ type: 'object', nullable: true, additionalProperties: true })
  @IsOptional()
  @IsKeySet()
  jwks?: JwkSet | null;

  /** The URL of its public keys, instead of `jwks`. */
  @ApiPropertyOptional({
    type: 'string',
    format: 'uri',
    nullable: true,
    example: 'https://orders.example.com/jwks.json',
  })
  @IsOptional()
  @IsText({ max: 2000 })
  @Excludes('jwks')
  jwks_uri?: string | null;

  /** The subject of its certificate (RFC 8705 2.1.2), for `tls_client_auth`. */
  @ApiPropertyOptional({ type: 'string', nullable: true, example: 'CN=orders,O=Example' })
  @IsOptional()
  @IsText({ max: 500 })
  tls_subject_dn?: string | null;
}

export class CreateClientDto extends ClientSettingsDto {
  @ApiProperty({ maxLength: 100, example: 'Orders' })
  @IsText({ max: 100 })
  name: string;
}

export class UpdateClientDto extends ClientSettingsDto {
  @ApiPropertyOptional({ maxLength: 100, example: 'Orders' })
  @MayBeAbsent()
  @IsText({ max: 100 })
  name?: string;
}

export class AddSecretDto {
  /** Seconds until it expires. Absent: it is valid until it is deleted. */
  @ApiPropertyOptional({ type: 'integer', minimum: 60, maximum: 94_608_000, example: 7_776_000 })
  @MayBeAbsent()
  @IsInt()
  @Min(60)
  @Max(94_608_000)
  expires_in?: number;
}

export class ExpireSecretDto {
  /** Seconds until it expires. */
  @ApiProperty({ type: 'integer', minimum: 1, maximum: 94_608_000, example: 86_400 })
  @IsInt()
  @Min(1)
  @Max(94_608_000)
  expires_in: number;
}
