import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import { AppError, type ErrorCode } from '../../common/errors.js';
import { Config } from '../config/config.js';
import { Metrics } from '../telemetry/metrics.js';
import { Tally } from '../telemetry/tally.js';
import { LimiterStore } from './limiter-store.js';
import type { Policy } from './policy.js';

/** A policy, and the text for which it counts: an account, a network. */
export type Limit = readonly [policy: Policy, counted: string];

/** The answer to which the `RateLimit` headers are added (draft-ietf-httpapi-ratelimit-headers). */
export interface HeaderSink {
  header(name: string, value: string): unknown;
}

// The codes that mean that a secret was tested and is wrong.
const WRONG_SECRET: ReadonlySet<ErrorCode> = new Set([
  'invalid_credentials',
  'wrong_password',
  'refresh_token_invalid',
  'refresh_token_reused',
  'token_invalid',
  'token_revoked',
  'invalid_dpop_proof',
  'link_invalid',
  'code_invalid',
  'code_locked',
  'second_factor_invalid',
  // The stored hash was tested, although the hook did not answer.
  'password_hook_unavailable',
]);

const isWrongSecret = (error: unknown): boolean => error instanceof AppError && WRONG_SECRET.has(error.code);

const WAITS_REMEMBERED = 24 * 3600;
const LONGEST_DOUBLING = 30;

/** Returns the next wait in seconds: it doubles with every wait, up to the longest. */
const nextWait = ({ first, longest }: NonNullable<Policy['growingWait']>, waitsBefore: number): number =>
  Math.min(first * 2 ** Math.min(waitsBefore, LONGEST_DOUBLING), longest);

/** After the first wait there is one attempt at a time: an attacker gets some forty a day, not ten after every wait. */
const allowedAfter = ({ attempts }: Policy, waits: number): number => (waits > 0 ? 1 : attempts);

const secondsOf = (milliseconds: number): number => Math.max(1, Math.ceil(milliseconds / 1000));

/** The current count of a policy. */
export interface LimitState {
  readonly policy: Policy;
  readonly attempts: number;
  /** Null where an attempt may be made. */
  readonly retryAfterSeconds: number | null;
}

interface Counters {
  attempts: RateLimiterAbstract;
  waits: RateLimiterAbstract;
}

/** Counts attempts, atomically, before their work is done. */
@Injectable()
export class RateLimiter implements OnModuleDestroy {
  private readonly counters = new Map<string, Counters>();
  private readonly refused = new Tally(['limit']);

  constructor(
    private readonly config: Config,
    private readonly store: LimiterStore,
    metrics: Metrics,
  ) {
    metrics.add({
      name: 'limits_hit_total',
      type: 'counter',
      help: 'Attempts that a limit has refused, by the limit.',
      labels: ['limit'],
      read: () => this.refused.samples(),
    });
  }

  onModuleDestroy(): Promise<void> {
    return this.store.close();
  }

  /**
   * Counts an attempt to show a secret, and only then makes it. Only a wrong secret stays counted: faults of form,
   * policy, overload and our own faults are no guesses. Throws `rate_limited`, and what the attempt throws.
   */
  async attempt<T>(limits: readonly Limit[], make: () => Promise<T>, sink?: HeaderSink): Promise<T> {
    await this.consumeAll(limits, sink);
    try {
      const made = await make();
      // The caller knows the secret, so the earlier failures were the owner's. A network has many users, so its count
      // stays.
      for (const limit of limits) await (limit[0].growingWait ? this.reset(...limit) : this.giveBack(...limit));
      return made;
    } catch (error) {
      if (!isWrongSecret(error)) await this.giveBackAll(limits);
      throw error;
    }
  }

  /** Counts one attempt under each of the limits, or under none where one of them refuses it. */
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
    const waited = policy.growingWait ? ((await waits.get(key))?.consumedPoints ?? 0) : 0;
    const allowed = allowedAfter(policy, waited);
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
      // A refused attempt tests no secret, so it must not stay counted: all attempts under way may be honest.
      await attempts.reward(key);
    }
    this.announce(policy, 0, wait, sink);
    this.refused.count(policy.name);
    throw new AppError('rate_limited', { retryAfterSeconds: secondsOf(wait) });
  }

  /** Removes an honest attempt from the count. */
  async giveBack(policy: Policy, counted: string): Promise<void> {
    if (!this.config.rateLimits) return;
    const key = this.store.keyOf(counted);
    const { attempts } = this.countersOf(policy);
    const { consumedPoints } = await attempts.reward(key);
    // Counters at zero are deleted, so that memory does not grow with the number of honest callers.
    if (consumedPoints <= 0) await attempts.delete(key);
  }

  /** Resets the count after a success. */
  async reset(policy: Policy, counted: string): Promise<void> {
    if (!this.config.rateLimits) return;
    const key = this.store.keyOf(counted);
    const { attempts, waits } = this.countersOf(policy);
    await Promise.all([attempts.delete(key), waits.delete(key)]);
  }

  /** Returns the seconds of a wait that runs; null where none does. Counts nothing. */
  async waitOf(policy: Policy, counted: string): Promise<number | null> {
    if (!this.config.rateLimits) return null;
    const state = await this.countersOf(policy).attempts.get(this.store.keyOf(counted));
    return state && state.consumedPoints > policy.attempts ? secondsOf(state.msBeforeNext) : null;
  }

  /** Returns how many attempts are counted, and how long the next one has to wait. */
  async stateOf(policy: Policy, counted: string): Promise<LimitState> {
    const key = this.store.keyOf(counted);
    const { attempts, waits } = this.countersOf(policy);
    const [state, waited] = await Promise.all([attempts.get(key), policy.growingWait ? waits.get(key) : null]);
    const made = state?.consumedPoints ?? 0;
    const waitsBefore = waited?.consumedPoints ?? 0;
    const allowed = allowedAfter(policy, waitsBefore);
    if (made < allowed) return { policy, attempts: made, retryAfterSeconds: null };
    // The attempt that is one too many begins the wait.
    const begins = made === allowed && policy.growingWait;
    const wait = begins ? nextWait(begins, waitsBefore) * 1000 : state!.msBeforeNext;
    return { policy, attempts: Math.min(made, policy.attempts), retryAfterSeconds: secondsOf(wait) };
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
