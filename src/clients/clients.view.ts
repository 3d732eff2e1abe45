import { ApiProperty } from '@nestjs/swagger';
import type { JwkSet } from '../jose/key-set.js';
import { Page } from '../common/pagination.js';
import type { ClientSecret } from './client-secret.entity.js';
import {
  APPLICATION_TYPES,
  CLIENT_STATUSES,
  CLIENT_TYPES,
  GRANT_TYPES,
  type ApplicationType,
  type Client,
  type ClientStatus,
  type ClientType,
} from './client.entity.js';
import type { NewSecret } from './clients.service.js';

/** A service account, or an application that people sign in to. */
export class ClientView {
  /** The `client_id`, and the `sub` of its own tokens. */
  @ApiProperty({ example: 'svc_q3kXlN0bJ1cAb9-Z' })
  id: string;

  /** @example Orders */
  name: string;

  @ApiProperty({ enum: CLIENT_STATUSES })
  status: ClientStatus;

  @ApiProperty({ enum: GRANT_TYPES, isArray: true })
  grant_types: string[];

  @ApiProperty({ type: [String], example: ['orders:read'] })
  scopes: string[];

  @ApiProperty({ type: [String], example: ['api'] })
  audiences: string[];

  @ApiProperty({ type: [String], example: [] })
  served_audiences: string[];

  @ApiProperty({ type: 'integer', nullable: true, example: null })
  token_ttl: number | null;

  @ApiProperty({ type: 'object', nullable: true, additionalProperties: true, example: null })
  jwks: JwkSet | null;

  @ApiProperty({ type: 'string', nullable: true, example: null })
  jwks_uri: string | null;

  @ApiProperty({ type: 'string', nullable: true, example: null })
  tls_subject_dn: string | null;

  @ApiProperty({ enum: CLIENT_TYPES })
  type: ClientType;

  @ApiProperty({ enum: APPLICATION_TYPES })
  application_type: ApplicationType;

  first_party: boolean;

  require_pkce: boolean;

  require_pushed_requests: boolean;

  @ApiProperty({ type: [String], example: ['https://app.example.com/callback'] })
  redirect_uris: string[];

  @ApiProperty({ type: [String], example: ['https://app.example.com/'] })
  post_logout_redirect_uris: string[];

  @ApiProperty({ type: 'string', nullable: true, example: null })
  backchannel_logout_uri: string | null;

  created_at: Date;

  updated_at: Date;

  static of(client: Client): ClientView {
    return {
      id: client.id,
      name: client.name,
      status: client.status,
      grant_types: client.grantTypes,
      scopes: client.scopes,
      audiences: client.audiences,
      served_audiences: client.servedAudiences,
      token_ttl: client.tokenTtl,
      jwks: client.jwks,
      jwks_uri: client.jwksUri,
      tls_subject_dn: client.tlsSubjectDn,
      type: client.type,
      application_type: client.applicationType,
      first_party: client.firstParty,
      require_pkce: client.requirePkce,
      require_pushed_requests: client.requirePushedRequests,
      redirect_uris: client.redirectUris,
      post_logout_redirect_uris: client.postLogoutRedirectUris,
      backchannel_logout_uri: client.backchannelLogoutUri,
      created_at: client.createdAt,
      updated_at: client.updatedAt,
    };
  }
}

export class ClientPage extends Page {
  items: ClientView[];
}

/** A secret, which is not shown. */
export class ClientSecretView {
  /** @example 0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a */
  id: string;

  created_at: Date;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  expires_at: Date | null;

  static of({ id, createdAt, expiresAt }: ClientSecret): ClientSecretView {
    return { id, created_at: createdAt, expires_at: expiresAt };
  }
}

export class ClientSecretsView extends Page {
  items: ClientSecretView[];
}

export class NewClientSecretView extends ClientSecretView {
  /** The secret itself, which is shown only this once. */
  @ApiProperty({ example: 'css_…' })
  secret: string;

  static ofNew({ stored, secret }: NewSecret): NewClientSecretView {
    return { ...ClientSecretView.of(stored), secret };
  }
}
