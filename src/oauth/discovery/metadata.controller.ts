import { Controller, Get, Header } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { GRANT_TYPES } from '../../clients/client.entity.js';
import { Public } from '../../common/access.decorators.js';
import { SIGNATURE_ALGORITHMS } from '../../jose/signature.js';
import { SCOPES } from '../../common/scopes.js';
import { KeyRing } from '../../keys/key-ring.js';
import { Config, showsDocs } from '../../platform/config/config.js';
import { MetadataView, ProtectedResourceView } from './metadata.view.js';

@ApiTags('Discovery')
@Public()
@Controller('.well-known')
export class MetadataController {
  constructor(
    private readonly config: Config,
    private readonly ring: KeyRing,
  ) {}

  /** Get the metadata by which verifiers find the keys (OpenID Connect Discovery 1.0). */
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
      token_endpoint: `${publicUrl}/oauth/token`,
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
      grant_types_supported: ['refresh_token', ...GRANT_TYPES.filter((grant) => grant !== 'authorization_code')],
      response_types_supported: [],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: this.ring.algorithms,
      dpop_signing_alg_values_supported: algorithms,
      ...(tokenStatus && { status_list_aggregation_endpoint: `${publicUrl}/status-lists` }),
      ...(showsDocs(this.config) && { service_documentation: `${publicUrl}/docs` }),
    };
  }
}
