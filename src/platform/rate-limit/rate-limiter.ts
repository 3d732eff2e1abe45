import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import { AppError, type ErrorCode } from '../../common/errors.js';
import { Config } from '../config/config.js';
import { LimiterStore } from './limiter-store.js';

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

/** A policy, and the text by which it counts: an account, a network. */
export type Limit = readonly [policy: Policy, counted: string];

/** Where the `RateLimit` headers go (draft-ietf-httpapi-ratelimit-headers). */
export interface HeaderSink {
  header(name: string, value: string): unknown;
}

// The codes that say that a secret was tested, and is wrong.
const WRONG_SECRET: ReadonlySet<ErrorCode> = new Set([
  'invalid_credentials',
  'wrong_password',
  'refresh_token_invalid',
  'refresh_token_reused',
  'token_invalid',
  'token_revoked',
  'invalid_dpop_proof',
  // The hash that is here was tested, although the hook says nothing.
  'password_hook_unavailable',
]);

const isWrongSecret = (error: unknown): boolean => error instanceof AppError && WRONG_SECRET.has(error.code);

const WAITS_REMEMBERED = 24 * 3600;
const LONGEST_DOUBLING = 30;

/** Seconds: doubled for every wait before, up to the longest. */
const nextWait = ({ first, longest }: NonNullable<Policy['growingWait']>, waitsBefore: number): number =>
  Math.min(first * 2 ** Math.min(waitsBefore, LONGEST_DOUBLING), longest);

interface Counters {
  attempts: RateLimiterAbstract;
  waits: RateLimiterAbstract;
}

/** Counts attempts, atomically, before the work that they ask for. */
@Injectable()
export class RateLimiter implements OnModuleDestroy {
  private readonly counters = new Map<string, Counters>();

  constructor(
    private readonly config: Config,
    private readonly store: LimiterStore,
  ) {}

  onModuleDestroy(): Promise<void> {
    return this.store.close();
  }

  /**
   * Counts an attempt to show a secret, and only then makes it. What stays counted is a wrong secret alone: faults of form,
   * policy, overload and our own faults are no guesses. Throws `rate_limited`, and what the attempt throws.
   */
  async attempt<T>(limits: readonly Limit[], make: () => Promise<T>, sink?: HeaderSink): Promise<T> {
    await this.consumeAll(limits, sink);
    try {
      const made = await make();
      // The secret is known, so the failures before were its owner's; a network has many owners.
      for (const limit of limits) await (limit[0].growingWait ? this.reset(...limit) : this.giveBack(...limit));
      return made;
    } catch (error) {
      if (!isWrongSecret(error)) await this.giveBackAll(limits);
      throw error;
    }
  }

  /** Counts one attempt by each of the limits, or by none where one of them refuses it. */
  async consumeAll(limits: readonly Limit[], sink?: HeaderSink): Promise<void> {
    for (const [index, limit] of limits.entries()) {
      try {
        await this.consume(...limit, sink);
      } catch (error) {
        await this.giveBackAll(limits.slice(0, index));
        throw error;
      }
    }
  }

  async giveBackAll(limits: readonly Limit[]): Promise<void> {
    for (const limit of limits) await this.giveBack(...limit);
  }

  /** Counts one attempt. Throws `rate_limited` with the seconds to wait. */
  async consume(policy: Policy, counted: string, sink?: HeaderSink): Promise<void> {
    if (!this.config.rateLimits) return;
    const key = this.store.keyOf(counted);
    const { attempts, waits } = this.countersOf(policy);
    const state = await attempts.penalty(key);
    // After the first wait there is one attempt at a time: a guesser gets some forty a day, not ten after every wait.
    const waited = policy.growingWait ? ((await waits.get(key))?.consumedPoints ?? 0) : 0;
    const allowed = waited > 0 ? 1 : policy.attempts;
    if (state.consumedPoints <= allowed) {
      this.announce(policy, allowed - state.consumedPoints, state.msBeforeNext, sink);
      return;
    }
    let wait = state.msBeforeNext;
    if (policy.growingWait && state.consumedPoints === allowed + 1) {
      wait = nextWait(policy.growingWait, waited) * 1000;
      await waits.penalty(key);
      await attempts.set(key, policy.attempts + 1, wait / 1000);
    } else {
      // What is refused tests no secret: it must not outlast the attempts in flight, which may all be honest.
      await attempts.reward(key);
    }
    this.announce(policy, 0, wait, sink);
    throw new AppError('rate_limited', { retryAfterSeconds: Math.max(1, Math.ceil(wait / 1000)) });
  }

  /** The attempt was honest: take it back. */
  async giveBack(policy: Policy, counted: string): Promise<void> {
    if (!this.config.rateLimits) return;
    const key = this.store.keyOf(counted);
    const { attempts } = this.countersOf(policy);
    const { consumedPoints } = await attempts.reward(key);
    // Honest callers leave nothing behind, so memory does not grow with them.
    if (consumedPoints <= 0) await attempts.delete(key);
  }

  /** Forgets the failures before a success. */
  async reset(policy: Policy, counted: string): Promise<void> {
    if (!this.config.rateLimits) return;
    const key = this.store.keyOf(counted);
    const { attempts, waits } = this.countersOf(policy);
    await Promise.all([attempts.delete(key), waits.delete(key)]);
  }

  private announce(policy: Policy, remaining: number, resetMs: number, sink?: HeaderSink): void {
    if (!sink) return;
    sink.header('RateLimit-Policy', `"${policy.name}";q=${policy.attempts};w=${policy.window}`);
    sink.header('RateLimit', `"${policy.name}";r=${remaining};t=${Math.ceil(resetMs / 1000)}`);
  }

  private countersOf(policy: Policy): Counters {
    let counters = this.counters.get(policy.name);
    if (!counters) {
      counters = {
        attempts: this.store.counter({ name: policy.name, window: policy.window }),
        waits: this.store.counter({ name: `${policy.name}-waits`, window: WAITS_REMEMBERED }),
      };
      this.counters.set(policy.name, counters);
    }
    return counters;
  }
}
