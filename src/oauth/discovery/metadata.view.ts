import { ApiProperty } from '@nestjs/swagger';

/** Authorization server metadata (RFC 8414 2, OpenID Connect Discovery 1.0 section 3). */
export class MetadataView {
  @ApiProperty({ format: 'uri', example: 'https://auth.example.com' })
  issuer: string;

  @ApiProperty({ format: 'uri', example: 'https://auth.example.com/.well-known/jwks.json' })
  jwks_uri: string;

  @ApiProperty({ format: 'uri', example: 'https://auth.example.com/oauth/authorize' })
  authorization_endpoint: string;

  @ApiProperty({ format: 'uri', example: 'https://auth.example.com/oauth/token' })
  token_endpoint: string;

  @ApiProperty({ format: 'uri', example: 'https://auth.example.com/oauth/userinfo' })
  userinfo_endpoint: string;

  @ApiProperty({ type: [String], example: ['client_secret_basic'] })
  token_endpoint_auth_methods_supported: string[];

  /** The signing algorithms of clients' assertions. */
  @ApiProperty({ type: [String], example: ['ES256'] })
  token_endpoint_auth_signing_alg_values_supported: string[];

  @ApiProperty({ format: 'uri', example: 'https://auth.example.com/oauth/introspect' })
  introspection_endpoint: string;

  @ApiProperty({ type: [String], example: ['client_secret_basic'] })
  introspection_endpoint_auth_methods_supported: string[];

  /** The signing algorithms of clients' assertions. */
  @ApiProperty({ type: [String], example: ['ES256'] })
  introspection_endpoint_auth_signing_alg_values_supported: string[];

  /** RFC 9701 7. */
  @ApiProperty({ type: [String], example: ['ES256'] })
  introspection_signing_alg_values_supported: string[];

  @ApiProperty({ format: 'uri', example: 'https://auth.example.com/oauth/revoke' })
  revocation_endpoint: string;

  @ApiProperty({ type: [String], example: ['none', 'client_secret_basic'] })
  revocation_endpoint_auth_methods_supported: string[];

  /** The signing algorithms of clients' assertions. */
  @ApiProperty({ type: [String], example: ['ES256'] })
  revocation_endpoint_auth_signing_alg_values_supported: string[];

  @ApiProperty({ type: [String], example: ['client_credentials'] })
  grant_types_supported: string[];

  /** RFC 9126 5. */
  @ApiProperty({ format: 'uri', example: 'https://auth.example.com/oauth/par' })
  pushed_authorization_request_endpoint: string;

  require_pushed_authorization_requests: boolean;

  @ApiProperty({ format: 'uri', example: 'https://auth.example.com/oauth/end-session' })
  end_session_endpoint: string;

  backchannel_logout_supported: boolean;

  /** Whether logout tokens name the session (`sid`). */
  backchannel_logout_session_supported: boolean;

  /** Those of the person. The scopes of an API are those of its clients. */
  @ApiProperty({ type: [String], example: ['openid'] })
  scopes_supported: string[];

  @ApiProperty({ type: [String], example: ['sub'] })
  claims_supported: string[];

  @ApiProperty({ type: [String], example: ['code'] })
  response_types_supported: string[];

  @ApiProperty({ type: [String], example: ['query'] })
  response_modes_supported: string[];

  @ApiProperty({ type: [String], example: ['S256'] })
  code_challenge_methods_supported: string[];

  @ApiProperty({ type: [String], example: ['login'] })
  prompt_values_supported: string[];

  @ApiProperty({ type: [String], example: ['aal1'] })
  acr_values_supported: string[];

  @ApiProperty({ type: [String], example: ['en'] })
  ui_locales_supported: string[];

  /** RFC 9207. */
  authorization_response_iss_parameter_supported: boolean;

  claims_parameter_supported: boolean;

  request_parameter_supported: boolean;

  request_uri_parameter_supported: boolean;

  @ApiProperty({ type: [String], example: ['public'] })
  subject_types_supported: string[];

  @ApiProperty({ type: [String], example: ['ES256'] })
  id_token_signing_alg_values_supported: string[];

  /** RFC 9449 5.1. */
  @ApiProperty({ type: [String], example: ['ES256'] })
  dpop_signing_alg_values_supported: readonly string[];

  /** Token Status List 9.1; only with `TOKEN_STATUS=true`. */
  @ApiProperty({ format: 'uri', required: false, example: 'https://auth.example.com/status-lists' })
  status_list_aggregation_endpoint?: string;

  @ApiProperty({ format: 'uri', required: false, example: 'https://auth.example.com/docs' })
  service_documentation?: string;
}

/** Protected resource metadata (RFC 9728 2). */
export class ProtectedResourceView {
  @ApiProperty({ format: 'uri', example: 'https://auth.example.com' })
  resource: string;

  @ApiProperty({ type: [String], example: ['https://auth.example.com'] })
  authorization_servers: string[];

  @ApiProperty({ type: [String], example: ['introspect'] })
  scopes_supported: string[];

  @ApiProperty({ type: [String], example: ['header'] })
  bearer_methods_supported: string[];

  @ApiProperty({ type: [String], example: ['ES256'] })
  dpop_signing_alg_values_supported: readonly string[];

  @ApiProperty({ format: 'uri', required: false, example: 'https://auth.example.com/docs' })
  resource_documentation?: string;
}
