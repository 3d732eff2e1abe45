import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateBy,
} from 'class-validator';
import { faultOfKeySet, type JwkSet } from '../jose/key-set.js';
import { Excludes, IsText, MayBeAbsent } from '../common/validation.js';
import {
  APPLICATION_TYPES,
  CLIENT_STATUSES,
  CLIENT_TYPES,
  GRANT_TYPES,
  type ApplicationType,
  type ClientStatus,
  type ClientType,
  type GrantType,
} from './client.entity.js';
import { MAX_REDIRECT_URI_LENGTH } from './redirect-uri.js';

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

const MAX_URIS = 20;

/** Requires a list of URIs. The service checks their form, which depends on the type of the application. */
const AreUris = (example: string[]) =>
  applyDecorators(
    ApiPropertyOptional({
      type: 'array',
      items: { type: 'string', maxLength: MAX_REDIRECT_URI_LENGTH },
      maxItems: MAX_URIS,
      uniqueItems: true,
      example,
    }),
    MayBeAbsent(),
    IsArray(),
    ArrayMaxSize(MAX_URIS),
    ArrayUnique(),
    IsString({ each: true }),
    MaxLength(MAX_REDIRECT_URI_LENGTH, { each: true }),
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

  /** The grants by which it may get tokens. By default `authorization_code` for a client with `redirect_uris`, else `client_credentials`. */
  @ApiPropertyOptional({ enum: GRANT_TYPES, isArray: true, example: ['client_credentials'] })
  @MayBeAbsent()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @IsIn(GRANT_TYPES, { each: true })
  grant_types?: GrantType[];

  /** The scopes that it may have at most. */
  @IsTexts(SCOPE, '$property must be scopes such as orders:read', ['orders:read'])
  scopes?: string[];

  /** The audiences that its tokens may have; the first one where a request names none. By default that of people's tokens; for an application of others this service's own address, where it reads the claims of the person. */
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

  /** `native` for an application on the device of a person: then loopback addresses with any port and private-use schemes work. */
  @ApiPropertyOptional({ enum: APPLICATION_TYPES, default: 'web' })
  @MayBeAbsent()
  @IsIn(APPLICATION_TYPES)
  application_type?: ApplicationType;

  /** Whether it is an application of your own: people are not asked for consent, and it may call this service for them. */
  @ApiPropertyOptional({ default: false })
  @MayBeAbsent()
  @IsBoolean()
  first_party?: boolean;

  /** `false` only for a confidential client that does not know PKCE (RFC 7636). */
  @ApiPropertyOptional({ default: true })
  @MayBeAbsent()
  @IsBoolean()
  require_pkce?: boolean;

  /** Whether it has to push its authorization requests (RFC 9126). */
  @ApiPropertyOptional({ default: false })
  @MayBeAbsent()
  @IsBoolean()
  require_pushed_requests?: boolean;

  /** The URIs to which people return after signing in, compared exactly. */
  @AreUris(['https://app.example.com/callback'])
  redirect_uris?: string[];

  /** The URIs to which people may return after signing out. */
  @AreUris(['https://app.example.com/'])
  post_logout_redirect_uris?: string[];

  /** The URI that is told of the end of sessions (OpenID Connect Back-Channel Logout 1.0). */
  @ApiPropertyOptional({
    type: 'string',
    format: 'uri',
    nullable: true,
    example: 'https://app.example.com/backchannel-logout',
  })
  @IsOptional()
  @IsText({ max: 2000 })
  backchannel_logout_uri?: string | null;
}

export class CreateClientDto extends ClientSettingsDto {
  @ApiProperty({ maxLength: 100, example: 'Orders' })
  @IsText({ max: 100 })
  name: string;

  /** `public` for an application that cannot keep a secret: in a browser, on a phone. It cannot be changed later. */
  @ApiPropertyOptional({ enum: CLIENT_TYPES, default: 'confidential' })
  @MayBeAbsent()
  @IsIn(CLIENT_TYPES)
  type?: ClientType;
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
