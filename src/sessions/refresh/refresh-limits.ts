import { Injectable } from '@nestjs/common';
import { networkOf } from '../../common/network.js';
import { policyOf } from '../../platform/rate-limit/policy.js';
import { RateLimiter, type HeaderSink, type Limit } from '../../platform/rate-limit/rate-limiter.js';

const MINUTE = 60;
const NETWORK = policyOf({ name: 'refresh-network', counts: 'network', attempts: 300, window: MINUTE });
const SESSION = policyOf({ name: 'refresh-session', counts: 'session', attempts: 60, window: MINUTE });

/** Limits attempts to refresh, at every endpoint. Only failures, and attempts under way, count. */
@Injectable()
export class RefreshLimits {
  constructor(private readonly limiter: RateLimiter) {}

  /**
   * Makes an attempt to refresh. `session` is the session of the token, whose MAC has been checked; null for a text
   * that is no token. Throws `rate_limited`, and what the attempt throws.
   */
  refresh<T>(session: string | null, address: string, make: () => Promise<T>, sink?: HeaderSink): Promise<T> {
    const limits: Limit[] = [[NETWORK, networkOf(address)]];
    if (session) limits.push([SESSION, session]);
    return this.limiter.attempt(limits, make, sink);
  }
}
