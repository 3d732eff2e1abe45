import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { deriveKey } from '../common/crypto.js';
import { Config } from '../platform/config/config.js';
import { decodeApiKey, encodeApiKey, type ApiKeyClaim } from './api-key.js';

/** Encodes keys, and decodes those that this service has made. */
@Injectable()
export class ApiKeyCodec {
  private readonly key: KeyObject;

  constructor(config: Config) {
    this.key = deriveKey(config.secretKey, 'api-keys');
  }

  encode(claim: ApiKeyClaim): string {
    return encodeApiKey(this.key, claim);
  }

  /** Decodes a key; null for a text that is no key of ours. */
  decode(text: string): ApiKeyClaim | null {
    return decodeApiKey(this.key, text);
  }
}
