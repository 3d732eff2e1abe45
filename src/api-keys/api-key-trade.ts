import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors.js';
import { networkOf } from '../common/network.js';
import { RateLimiter, type Policy } from '../platform/rate-limit/rate-limiter.js';
import { RevocationService } from '../revocation/revocation.service.js';
import { TradedTokens, type TradedToken } from '../tokens/traded-tokens.js';
import { ApiKeyCodec } from './api-key-codec.js';
import { ApiKeyTokens } from './api-key-tokens.js';
import { LastUse } from './last-use.js';

// Only failures count: nobody guesses 160 bits behind a MAC. This keeps down the noise of keys that are dead.
const FAILURES: Policy = { name: 'api-key', attempts: 60, window: 5 * 60 };

/** Trades keys for access tokens: the first time in the database, then from memory until shortly before the token expires. */
@Injectable()
export class ApiKeyTrade {
  constructor(
    private readonly codec: ApiKeyCodec,
    private readonly tokens: ApiKeyTokens,
    private readonly traded: TradedTokens,
    private readonly revocations: RevocationService,
    private readonly limiter: RateLimiter,
    private readonly lastUse: LastUse,
  ) {}

  /**
   * The access token that stands in for a key; at once where memory suffices. `address` is the client's. Rejects with
   * `token_invalid`, `rate_limited`, `unavailable`. Whether it was revoked in the meantime is for the caller to ask.
   */
  tradeOf(text: string, address: () => string): TradedToken | Promise<TradedToken> {
    const known = this.traded.recall('apiKey', text, (principal) => !this.revocations.isRevoked(principal));
    if (!known) return this.trade(text, address());
    this.lastUse.note(known.principal.client, address);
    return known;
  }

  private async trade(text: string, address: string): Promise<TradedToken> {
    const claim = this.codec.read(text);
    if (!claim)
      throw new AppError('token_invalid', { reason: 'API key: not made by this service with its SECRET_KEY' });
    try {
      const traded = await this.traded.trade('apiKey', text, () => this.tokens.mint(claim, address));
      this.lastUse.remember(claim.id);
      return traded;
    } catch (error) {
      if (error instanceof AppError && error.status === 401) {
        await this.limiter.consume(FAILURES, networkOf(address));
      }
      throw error;
    }
  }
}
