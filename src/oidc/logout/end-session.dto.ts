import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import { MAX_REDIRECT_URI_LENGTH } from '../../clients/redirect-uri.js';
import { MayBeAbsent } from '../../common/validation.js';

/** The place to which a person returns after signing out. */
export class ReturnDto {
  @ApiPropertyOptional({ maxLength: 100 })
  @MayBeAbsent()
  @IsString()
  @MaxLength(100)
  client_id?: string;

  /** One of the `post_logout_redirect_uris` of the client, exactly. */
  @ApiPropertyOptional({ maxLength: MAX_REDIRECT_URI_LENGTH })
  @MayBeAbsent()
  @IsString()
  @MaxLength(MAX_REDIRECT_URI_LENGTH)
  post_logout_redirect_uri?: string;

  /** Comes back with the person. */
  @ApiPropertyOptional({ maxLength: 2000 })
  @MayBeAbsent()
  @IsString()
  @MaxLength(2000)
  state?: string;
}

/** A logout request (OpenID Connect RP-Initiated Logout 1.0 2). Parameters that are not known are ignored. */
export class EndSessionDto extends ReturnDto {
  /** An ID token of the session: then the person is not asked. It may have expired. */
  @ApiPropertyOptional({ maxLength: 8192 })
  @MayBeAbsent()
  @IsString()
  @MaxLength(8192)
  id_token_hint?: string;
}
