import { Injectable } from '@nestjs/common';
import { networkOf } from '../common/network.js';
import { RateLimiter, type HeaderSink, type Policy } from '../platform/rate-limit/rate-limiter.js';

const MINUTE = 60;
const NETWORK: Policy = { name: 'refresh-network', attempts: 300, window: MINUTE };
const SESSION: Policy = { name: 'refresh-session', attempts: 60, window: MINUTE };

/** How often refreshing may be tried, wherever it is. What adds up is failures, and what is in flight. */
@Injectable()
export class RefreshLimits {
  constructor(private readonly limiter: RateLimiter) {}

  /**
   * `session` is the one that the token states, once its MAC has been checked; null for a text that is no token. Throws
   * `rate_limited`.
   */
  async refresh(session: string | null, address: string, sink?: HeaderSink): Promise<void> {
    await this.limiter.consume(NETWORK, networkOf(address), sink);
    if (session) await this.limiter.consume(SESSION, session, sink);
  }

  async refreshSucceeded(session: string, address: string): Promise<void> {
    await this.limiter.giveBack(NETWORK, networkOf(address));
    await this.limiter.giveBack(SESSION, session);
  }
}
