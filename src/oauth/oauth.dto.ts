import { ApiHideProperty, ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import { MayBeAbsent } from '../users/users.dto.js';

/** How a client proves who it is, where it does so in the form (RFC 6749 2.3.1, RFC 7521 4.2). */
export class ClientCredentialsDto {
  /** @example svc_q3kXlN0bJ1cAb9-Z */
  @MayBeAbsent()
  @IsString()
  @MaxLength(100)
  client_id?: string;

  @ApiPropertyOptional({ format: 'password' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(200)
  client_secret?: string;

  /** `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, with an assertion. */
  @MayBeAbsent()
  @IsString()
  @MaxLength(200)
  client_assertion_type?: string;

  /** A JWT that the client has signed with its key (RFC 7523 2.2). */
  @MayBeAbsent()
  @IsString()
  @MaxLength(8192)
  client_assertion?: string;
}

/** What is asked about one token (RFC 7662 2.1, RFC 7009 2.1). */
export class TokenParametersDto extends ClientCredentialsDto {
  @ApiProperty({ format: 'password' })
  @IsString()
  token: string;

  /** What the caller takes it for. A token says by itself what it is, so this changes nothing. */
  @ApiPropertyOptional({ example: 'access_token' })
  @MayBeAbsent()
  @IsString()
  token_type_hint?: string;
}

/** A token request (RFC 6749 4.4.2). Parameters that are not known are ignored. */
export class TokenRequestDto extends ClientCredentialsDto {
  @ApiProperty({ example: 'client_credentials' })
  @IsString()
  @MaxLength(100)
  grant_type: string;

  /** Scopes, parted by spaces; all that may be had where it is absent. */
  @ApiPropertyOptional({ example: 'orders:read' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(5000)
  scope?: string;

  /** Whom the token is meant for; may be repeated. */
  @ApiPropertyOptional({ example: 'api' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(2000)
  audience?: string;

  /** The same by its RFC 8707 name. */
  @MayBeAbsent()
  @IsString()
  @MaxLength(2000)
  resource?: string;

  /** For `refresh_token`. */
  @ApiPropertyOptional({ format: 'password' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(200)
  refresh_token?: string;

  /** For `jwt-bearer`: the token by which its platform vouches for the client (RFC 7523 2.1). */
  @ApiPropertyOptional({ format: 'password' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(8192)
  assertion?: string;

  /** For `token-exchange`: the token of whoever the client acts for (RFC 8693 2.1). */
  @ApiPropertyOptional({ format: 'password' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(8192)
  subject_token?: string;

  @ApiPropertyOptional({ example: 'urn:ietf:params:oauth:token-type:access_token' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(100)
  subject_token_type?: string;

  @ApiPropertyOptional({ example: 'urn:ietf:params:oauth:token-type:access_token' })
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
