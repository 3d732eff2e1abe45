import { ApiProperty } from '@nestjs/swagger';
import { EventSigningKey, type SigningKey } from './signing-key.entity.js';

/** A JSON Web Key Set (RFC 7517 5). */
export class JwksView {
  @ApiProperty({
    type: 'array',
    items: {
      type: 'object',
      required: ['kty', 'kid', 'alg', 'use'],
      properties: Object.fromEntries(['kty', 'kid', 'alg', 'use'].map((name) => [name, { type: 'string' }])),
      additionalProperties: { type: 'string' },
    },
    example: [{ kty: 'EC', crv: 'P-256', x: '…', y: '…', kid: 'q3kXlN0b', alg: 'ES256', use: 'sig' }],
  })
  keys: Record<string, string>[];
}

export class KeyView {
  /** @example q3kXlN0b */
  kid: string;

  @ApiProperty({ enum: ['ES256', 'RS256'] })
  alg: string;

  /** The purpose of the key: access tokens and everything else, or the events of streams that ask for RS256. */
  @ApiProperty({ enum: ['access_tokens', 'security_events'] })
  signs: string;

  @ApiProperty({ enum: ['published', 'active', 'retired'] })
  status: string;

  published_at: Date;

  /** When the key starts to sign, planned or past. */
  activates_at: Date;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  retired_at: Date | null;

  static of(key: SigningKey): KeyView {
    return {
      kid: key.kid,
      alg: key.alg,
      signs: key instanceof EventSigningKey ? 'security_events' : 'access_tokens',
      status: key.status,
      published_at: key.publishedAt,
      activates_at: key.activatesAt,
      retired_at: key.retiredAt,
    };
  }
}

export class KeysView {
  keys: KeyView[];
}
