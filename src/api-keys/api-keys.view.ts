import { Page, pageOf, wholeOf } from '../common/pagination.js';
import { ApiProperty } from '@nestjs/swagger';
import type { ApiKey } from './api-key.entity.js';
import type { CreatedApiKey } from './api-keys.service.js';

/** A personal access token or a key of a service account, without itself. */
export class ApiKeyView {
  /** The `client_id` of its access tokens, which gateways pass on as `X-Auth-Client`. */
  @ApiProperty({ example: 'key_q3kXlN0bJ1cAb9-Z' })
  id: string;

  /** @example Nightly export */
  name: string;

  @ApiProperty({ type: [String], example: ['orders:read'] })
  scopes: string[];

  /** The audiences of its access tokens; empty for the audience of people's tokens. */
  @ApiProperty({ type: [String], example: [] })
  audiences: string[];

  /** Whether its access tokens state the roles of its owner, but for `admin`. */
  with_roles: boolean;

  created_at: Date;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  expires_at: Date | null;

  /** The last use, exact to a few minutes. */
  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  last_used_at: Date | null;

  @ApiProperty({ type: 'string', nullable: true, example: '203.0.113.7' })
  last_used_address: string | null;

  static of(key: ApiKey): ApiKeyView {
    return {
      id: key.id,
      name: key.name,
      scopes: key.scopes,
      audiences: key.audiences,
      with_roles: key.withRoles,
      created_at: key.createdAt,
      expires_at: key.expiresAt,
      last_used_at: key.lastUsedAt,
      last_used_address: key.lastUsedAddress,
    };
  }
}

export class ApiKeysView extends Page {
  items: ApiKeyView[];

  static of(keys: readonly ApiKey[]): ApiKeysView {
    return pageOf(wholeOf([...keys]), (key) => ApiKeyView.of(key));
  }
}

export class NewApiKeyView extends ApiKeyView {
  /** The key itself, which is shown only this once. */
  @ApiProperty({ example: 'cs_pat_…' })
  api_key: string;

  static ofNew({ stored, text }: CreatedApiKey): NewApiKeyView {
    return { ...ApiKeyView.of(stored), api_key: text };
  }
}
