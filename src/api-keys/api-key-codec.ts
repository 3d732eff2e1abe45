import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { deriveKey } from '../common/crypto.js';
import { Config } from '../platform/config/config.js';
import { decodeApiKey, encodeApiKey, type ApiKeyClaim } from './api-key.js';

/** Writes keys, and reads those that this service has written. */
@Injectable()
export class ApiKeyCodec {
  private readonly key: KeyObject;

  constructor(config: Config) {
    this.key = deriveKey(config.secretKey, 'api-keys');
  }

  write(claim: ApiKeyClaim): string {
    return encodeApiKey(this.key, claim);
  }

  /** Null for a text that is no key of ours. */
  read(text: string): ApiKeyClaim | null {
    return decodeApiKey(this.key, text);
  }
}
