import { Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../../common/errors.js';
import { Config } from '../config/config.js';

/** How often something may be tried. */
export interface Policy {
  /** The name in the `RateLimit` headers. */
  readonly name: string;
  /** Attempts within the window. */
  readonly attempts: number;
  /** Seconds. */
  readonly window: number;
  /** Where attempts run out: the first wait and the longest, in seconds. The wait doubles every time. */
  readonly growingWait?: { readonly first: number; readonly longest: number };
}

/** Where the `RateLimit` headers go (draft-ietf-httpapi-ratelimit-headers). */
export interface HeaderSink {
  header(name: string, value: string): unknown;
}

const WAITS_REMEMBERED = 24 * 3600;
const LONGEST_DOUBLING = 30;

interface Counters {
  attempts: RateLimiterMemory;
  waits: RateLimiterMemory;
}

/** Counts attempts, atomically, before the work that they ask for. */
@Injectable()
export class RateLimiter {
  private readonly counters = new Map<string, Counters>();

  constructor(private readonly config: Config) {}

  /** Counts one attempt. Throws `rate_limited` with the seconds to wait. */
  async consume(policy: Policy, key: string, sink?: HeaderSink): Promise<void> {
    if (!this.config.rateLimits) return;
    const { attempts, waits } = this.countersOf(policy);
    try {
      this.announce(policy, await attempts.consume(key), sink);
    } catch (state) {
      if (!(state instanceof RateLimiterRes)) throw state;
      let wait = state.msBeforeNext;
      const justExhausted = state.consumedPoints === policy.attempts + 1;
      if (justExhausted && policy.growingWait) {
        const { first, longest } = policy.growingWait;
        const { consumedPoints } = await waits.penalty(key);
        const seconds = Math.min(first * 2 ** Math.min(consumedPoints - 1, LONGEST_DOUBLING), longest);
        await attempts.block(key, seconds);
        wait = seconds * 1000;
      }
      const retryAfterSeconds = Math.max(1, Math.ceil(wait / 1000));
      this.announce(policy, new RateLimiterRes(0, wait), sink);
      throw new AppError('rate_limited', { retryAfterSeconds });
    }
  }

  /** The attempt was honest: take it back. */
  async giveBack(policy: Policy, key: string): Promise<void> {
    if (!this.config.rateLimits) return;
    const { attempts } = this.countersOf(policy);
    const { consumedPoints } = await attempts.reward(key);
    // Honest callers leave nothing behind, so memory does not grow with them.
    if (consumedPoints <= 0) await attempts.delete(key);
  }

  /** Forgets the failures before a success. */
  async reset(policy: Policy, key: string): Promise<void> {
    if (!this.config.rateLimits) return;
    const { attempts, waits } = this.countersOf(policy);
    await Promise.all([attempts.delete(key), waits.delete(key)]);
  }

  private announce(policy: Policy, state: RateLimiterRes, sink?: HeaderSink): void {
    if (!sink) return;
    sink.header('RateLimit-Policy', `"${policy.name}";q=${policy.attempts};w=${policy.window}`);
    sink.header('RateLimit', `"${policy.name}";r=${state.remainingPoints};t=${Math.ceil(state.msBeforeNext / 1000)}`);
  }

  private countersOf(policy: Policy): Counters {
    let counters = this.counters.get(policy.name);
    if (!counters) {
      counters = {
        attempts: new RateLimiterMemory({ points: policy.attempts, duration: policy.window, keyPrefix: policy.name }),
        waits: new RateLimiterMemory({ points: 1, duration: WAITS_REMEMBERED, keyPrefix: `${policy.name}-waits` }),
      };
      this.counters.set(policy.name, counters);
    }
    return counters;
  }
}
