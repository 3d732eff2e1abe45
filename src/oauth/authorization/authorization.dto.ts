import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import { MayBeAbsent } from '../../common/validation.js';
import { MAX_REDIRECT_URI_LENGTH } from '../../clients/redirect-uri.js';

/** Declares an optional parameter of limited length. */
const Parameter =
  (max: number, example?: string): PropertyDecorator =>
  (target, name) => {
    for (const decorate of [
      ApiPropertyOptional({ maxLength: max, example }),
      MayBeAbsent(),
      IsString(),
      MaxLength(max),
    ]) {
      decorate(target, name);
    }
  };

/** An authorization request (RFC 6749 4.1.1, OpenID Connect Core 1.0 3.1.2.1). Parameters that are not known are ignored. */
export class AuthorizationParametersDto {
  @ApiProperty({ maxLength: 100, example: 'svc_q3kXlN0bJ1cAb9-Z' })
  @IsString()
  @MaxLength(100)
  client_id: string;

  /** One of those that are registered, exactly. Required, except with `request_uri`. */
  @Parameter(MAX_REDIRECT_URI_LENGTH, 'https://app.example.com/callback')
  redirect_uri?: string;

  @Parameter(100, 'code')
  response_type?: string;

  /** `query` (the default) or `form_post`. */
  @Parameter(20)
  response_mode?: string;

  @Parameter(2000, 'openid email')
  scope?: string;

  /** Comes back in the answer. */
  @Parameter(2000)
  state?: string;

  /** Comes back in the ID token. */
  @Parameter(500)
  nonce?: string;

  @Parameter(128, 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM')
  code_challenge?: string;

  @Parameter(20, 'S256')
  code_challenge_method?: string;

  /** `none`, `login`, `consent`, `select_account`. */
  @Parameter(100)
  prompt?: string;

  /** The most seconds since the person has signed in. */
  @Parameter(10)
  max_age?: string;

  /** The e-mail address to begin with. */
  @Parameter(254)
  login_hint?: string;

  @Parameter(100)
  ui_locales?: string;

  /** The audience of the access token (RFC 8707); may be repeated. */
  @Parameter(2000)
  resource?: string;

  @Parameter(8192)
  request?: string;

  /** The reference of a pushed request (RFC 9126). Then only `client_id` is read besides. */
  @Parameter(2000)
  request_uri?: string;
}
