import { Injectable } from '@nestjs/common';
import { ApiKeyExchange } from '../../api-keys/api-key-exchange.js';
import { AppError } from '../../common/errors.js';
import type { ExchangedToken } from '../../tokens/exchanged-tokens.js';
import { AccessTokenReader } from './access-token.reader.js';
import { refusedSubject, type Subject, type SubjectTokenReader } from './subject-token.js';

/** RFC 8693 3 leaves the names of other types to those who make them. */
export const API_KEY = 'urn:countersign:params:oauth:token-type:api-key';

/**
 * Reads API keys and personal access tokens as the tokens that they are exchanged for. It is for services that get them
 * without a gateway in front.
 */
@Injectable()
export class ApiKeyReader implements SubjectTokenReader {
  readonly types = [API_KEY];

  constructor(
    private readonly keys: ApiKeyExchange,
    private readonly accessTokens: AccessTokenReader,
  ) {}

  async read(key: string, address: string): Promise<Subject> {
    const { token } = await this.exchange(key, address);
    return this.accessTokens.read(token);
  }

  private async exchange(key: string, address: string): Promise<ExchangedToken> {
    try {
      return await this.keys.exchange(key, () => address);
    } catch (error) {
      if (!(error instanceof AppError) || error.status !== 401) throw error;
      throw refusedSubject('is no key, or one that has ended', error);
    }
  }
}
