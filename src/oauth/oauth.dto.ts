import { ApiHideProperty, ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import { GRANT_TYPES } from '../clients/client.entity.js';
import { MAX_REDIRECT_URI_LENGTH } from '../clients/redirect-uri.js';
import { MayBeAbsent } from '../common/validation.js';

// Swagger UI fills a form with the examples of its fields, and sends all that are not empty.
const EMPTY = { example: '' };

/** The credentials of a client in the form (RFC 6749 2.3.1, RFC 7521 4.2). */
export class ClientCredentialsDto {
  /** With `client_secret`, instead of HTTP Basic. Public clients send it alone. */
  @ApiPropertyOptional(EMPTY)
  @MayBeAbsent()
  @IsString()
  @MaxLength(100)
  client_id?: string;

  @ApiPropertyOptional({ ...EMPTY, format: 'password' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(200)
  client_secret?: string;

  /** `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, with an assertion. */
  @ApiPropertyOptional(EMPTY)
  @MayBeAbsent()
  @IsString()
  @MaxLength(200)
  client_assertion_type?: string;

  /** A JWT that the client has signed with its key (RFC 7523 2.2). */
  @ApiPropertyOptional(EMPTY)
  @MayBeAbsent()
  @IsString()
  @MaxLength(8192)
  client_assertion?: string;
}

/** A request about one token (RFC 7662 2.1, RFC 7009 2.1). */
export class TokenParametersDto extends ClientCredentialsDto {
  @ApiProperty({ format: 'password', minLength: 1, example: 'eyJhbGciOiJFUzI1NiJ9.e30.AA' })
  @IsString()
  token: string;

  /** The type of the token, as a hint. It changes nothing, because a token shows its type itself. */
  @ApiPropertyOptional(EMPTY)
  @MayBeAbsent()
  @IsString()
  token_type_hint?: string;
}

/** A token request (RFC 6749 4.4.2). Parameters that are not known are ignored. */
export class TokenRequestDto extends ClientCredentialsDto {
  @ApiProperty({ enum: [...GRANT_TYPES, 'refresh_token'], example: 'client_credentials' })
  @IsString()
  @MaxLength(100)
  grant_type: string;

  /** Scopes, separated by spaces, such as `orders:read`; all allowed scopes where it is absent. */
  @ApiPropertyOptional(EMPTY)
  @MayBeAbsent()
  @IsString()
  @MaxLength(5000)
  scope?: string;

  /** The audience of the token; may be repeated. */
  @ApiPropertyOptional({ type: [String], example: [] })
  @MayBeAbsent()
  @IsString()
  @MaxLength(2000)
  audience?: string;

  /** The same by its RFC 8707 name. */
  @ApiPropertyOptional({ type: [String], example: [] })
  @MayBeAbsent()
  @IsString()
  @MaxLength(2000)
  resource?: string;

  /** For `refresh_token`. */
  @ApiPropertyOptional({ ...EMPTY, format: 'password' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(200)
  refresh_token?: string;

  /** For `authorization_code`: the code of the answer (RFC 6749 4.1.3). */
  @ApiPropertyOptional({ ...EMPTY, format: 'password' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(200)
  code?: string;

  /** The `redirect_uri` of the authorization request. */
  @ApiPropertyOptional(EMPTY)
  @MayBeAbsent()
  @IsString()
  @MaxLength(MAX_REDIRECT_URI_LENGTH)
  redirect_uri?: string;

  /** The text whose hash was the `code_challenge` (RFC 7636 4.5). */
  @ApiPropertyOptional({ ...EMPTY, format: 'password' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(200)
  code_verifier?: string;

  /** For `jwt-bearer`: the token by which a platform vouches for the client (RFC 7523 2.1). */
  @ApiPropertyOptional({ ...EMPTY, format: 'password' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(8192)
  assertion?: string;

  /** For `token-exchange`: the token of the subject that the client acts for (RFC 8693 2.1). */
  @ApiPropertyOptional({ ...EMPTY, format: 'password' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(8192)
  subject_token?: string;

  /** `urn:ietf:params:oauth:token-type:access_token`, or `urn:countersign:params:oauth:token-type:api-key`. */
  @ApiPropertyOptional(EMPTY)
  @MayBeAbsent()
  @IsString()
  @MaxLength(100)
  subject_token_type?: string;

  /** Always `urn:ietf:params:oauth:token-type:access_token`. */
  @ApiPropertyOptional(EMPTY)
  @MayBeAbsent()
  @IsString()
  @MaxLength(100)
  requested_token_type?: string;

  /** Not supported: the client that authenticates is the actor. */
  @ApiHideProperty()
  @MayBeAbsent()
  @IsString()
  actor_token?: string;

  @ApiHideProperty()
  @MayBeAbsent()
  @IsString()
  actor_token_type?: string;
}
