import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors.js';
import { networkOf } from '../common/network.js';
import { policyOf } from '../platform/rate-limit/policy.js';
import { RateLimiter } from '../platform/rate-limit/rate-limiter.js';
import { RevocationService } from '../revocation/revocation.service.js';
import { ExchangedTokens, type ExchangedToken } from '../tokens/exchanged-tokens.js';
import { ApiKeyCodec } from './api-key-codec.js';
import { ApiKeyTokens } from './api-key-tokens.js';
import { LastUse } from './last-use.js';

// Only failures count. Nobody can guess 160 bits behind a MAC; the limit bounds the load by keys that no longer work.
const FAILURES = policyOf({ name: 'api-key', counts: 'network', attempts: 60, window: 5 * 60 });

/** Exchanges keys for access tokens: the first time in the database, then from memory until shortly before the token expires. */
@Injectable()
export class ApiKeyExchange {
  constructor(
    private readonly codec: ApiKeyCodec,
    private readonly tokens: ApiKeyTokens,
    private readonly exchanged: ExchangedTokens,
    private readonly revocations: RevocationService,
    private readonly limiter: RateLimiter,
    private readonly lastUse: LastUse,
  ) {}

  /**
   * Exchanges a key for an access token; without a promise where the token is cached. `address` is the client's.
   * Rejects with `token_invalid`, `rate_limited`, `unavailable`. The caller has to check whether the token was revoked
   * meanwhile.
   */
  exchange(text: string, address: () => string): ExchangedToken | Promise<ExchangedToken> {
    const known = this.exchanged.cached('apiKey', text, (principal) => !this.revocations.isRevoked(principal));
    if (!known) return this.exchangeAnew(text, address());
    this.lastUse.note(known.principal.client, address);
    return known;
  }

  private async exchangeAnew(text: string, address: string): Promise<ExchangedToken> {
    const claim = this.codec.decode(text);
    if (!claim)
      throw new AppError('token_invalid', { reason: 'API key: not made by this service with its SECRET_KEY' });
    try {
      const exchanged = await this.exchanged.exchange('apiKey', text, () => this.tokens.mint(claim, address));
      this.lastUse.remember(claim.id);
      return exchanged;
    } catch (error) {
      if (error instanceof AppError && error.status === 401) {
        await this.limiter.consume(FAILURES, networkOf(address));
      }
      throw error;
    }
  }
}
