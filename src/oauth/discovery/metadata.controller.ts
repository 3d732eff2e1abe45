import { Controller, Get, Header } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { GRANT_TYPES } from '../../clients/client.entity.js';
import { Public } from '../../common/access.decorators.js';
import { SIGNATURE_ALGORITHMS } from '../../jose/signature.js';
import { SCOPES } from '../../common/scopes.js';
import { KeyRing } from '../../keys/key-ring.js';
import { Config, showsDocs } from '../../platform/config/config.js';
import { LOCALES } from '../../common/locale.js';
import { IDENTITY_SCOPES } from '../authorization/steps/scope.js';
import { MetadataView, ProtectedResourceView } from './metadata.view.js';

const CLAIMS =
  'iss sub aud exp iat auth_time nonce acr amr at_hash sid name locale updated_at email email_verified'.split(' ');

@ApiTags('Discovery')
@Public()
@Controller('.well-known')
export class MetadataController {
  constructor(
    private readonly config: Config,
    private readonly ring: KeyRing,
  ) {}

  /** Get the metadata by which applications and verifiers find the endpoints and the keys (OpenID Connect Discovery 1.0). */
  @Get('openid-configuration')
  @Header('Cache-Control', 'public, max-age=300')
  @Header('Access-Control-Allow-Origin', '*')
  openidConfiguration(): MetadataView {
    return this.metadata();
  }

  /** Get the same document under its RFC 8414 name. */
  @Get('oauth-authorization-server')
  @Header('Cache-Control', 'public, max-age=300')
  @Header('Access-Control-Allow-Origin', '*')
  authorizationServer(): MetadataView {
    return this.metadata();
  }

  /** Get the metadata of this API as a protected resource: who issues its tokens, and which scopes it knows (RFC 9728). */
  @Get('oauth-protected-resource')
  @Header('Cache-Control', 'public, max-age=300')
  @Header('Access-Control-Allow-Origin', '*')
  protectedResource(): ProtectedResourceView {
    const { publicUrl } = this.config;
    return {
      resource: publicUrl,
      authorization_servers: [publicUrl],
      scopes_supported: Object.values(SCOPES),
      bearer_methods_supported: ['header'],
      dpop_signing_alg_values_supported: SIGNATURE_ALGORITHMS,
      ...(showsDocs(this.config) && { resource_documentation: `${publicUrl}/docs` }),
    };
  }

  // The metadata contains only what exists.
  private metadata(): MetadataView {
    const { publicUrl, tokenStatus, tlsClientSubjectHeader } = this.config;
    // `none` is for the first-party client, which has no secret.
    const methods = [
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
      ...(tlsClientSubjectHeader ? ['tls_client_auth'] : []),
    ];
    const algorithms = [...SIGNATURE_ALGORITHMS];
    return {
      issuer: publicUrl,
      jwks_uri: `${publicUrl}/.well-known/jwks.json`,
      authorization_endpoint: `${publicUrl}/oauth/authorize`,
      token_endpoint: `${publicUrl}/oauth/token`,
      userinfo_endpoint: `${publicUrl}/oauth/userinfo`,
      token_endpoint_auth_methods_supported: ['none', ...methods],
      token_endpoint_auth_signing_alg_values_supported: algorithms,
      introspection_endpoint: `${publicUrl}/oauth/introspect`,
      // RFC 8414 2: also with an access token, which is named by its type.
      introspection_endpoint_auth_methods_supported: [...methods, 'Bearer', 'DPoP'],
      introspection_endpoint_auth_signing_alg_values_supported: algorithms,
      introspection_signing_alg_values_supported: this.ring.algorithms,
      revocation_endpoint: `${publicUrl}/oauth/revoke`,
      revocation_endpoint_auth_methods_supported: ['none', ...methods],
      revocation_endpoint_auth_signing_alg_values_supported: algorithms,
      grant_types_supported: ['refresh_token', ...GRANT_TYPES],
      pushed_authorization_request_endpoint: `${publicUrl}/oauth/par`,
      require_pushed_authorization_requests: false,
      end_session_endpoint: `${publicUrl}/oauth/end-session`,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      scopes_supported: [...IDENTITY_SCOPES],
      claims_supported: CLAIMS,
      response_types_supported: ['code'],
      response_modes_supported: ['query', 'form_post'],
      code_challenge_methods_supported: ['S256'],
      prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
      acr_values_supported: ['aal1', 'aal2'],
      ui_locales_supported: [...LOCALES],
      // RFC 9207 3.
      authorization_response_iss_parameter_supported: true,
      claims_parameter_supported: false,
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: this.ring.algorithms,
      dpop_signing_alg_values_supported: algorithms,
      ...(tokenStatus && { status_list_aggregation_endpoint: `${publicUrl}/status-lists` }),
      ...(showsDocs(this.config) && { service_documentation: `${publicUrl}/docs` }),
    };
  }
}
