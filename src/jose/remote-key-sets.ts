import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../common/clock.js';
import { AppError } from '../common/errors.js';
import { keySetOf } from './key-set.js';
import type { PublicKey } from './public-key.js';
import { SsrfSafeHttpClient } from '../platform/http-client/ssrf-safe-http-client.js';
import { candidatesFor, type ForeignJwt } from './foreign-jwt.js';

const FRESH_MS = 5 * 60_000;
/** How long keys are still used when they cannot be fetched again, in milliseconds. */
const STALE_MS = 60 * 60_000;
/**
 * The shortest time between two fetches of a key set, in milliseconds, also where callers name unknown keys or a fetch
 * fails.
 */
const PAUSE_MS = 5_000;
const DEADLINE_MS = 5_000;
const MAX_BYTES = 64 * 1024;
const SETS = 1_000;
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json *(?:;|$)/i;

/** The keys of a URL, as far as they are known. Times are in milliseconds. */
interface KnownSet {
  keys: readonly PublicKey[];
  fetchedAt: number;
  triedAt: number;
  /** The error of the last attempt; null where it succeeded. */
  failure: unknown;
  flight: Promise<void> | null;
}

/** Fetches keys that other issuers publish (RFC 7517 5), and caches them. */
@Injectable()
export class RemoteKeySets implements OnModuleDestroy {
  private readonly sets = new LRUCache<string, KnownSet>({ max: SETS });
  private readonly shutdown = new AbortController();

  constructor(
    private readonly http: SsrfSafeHttpClient,
    private readonly clock: Clock,
  ) {}

  onModuleDestroy(): void {
    this.shutdown.abort();
  }

  /**
   * Returns the keys at `url` that may have signed a JWT; an empty list where they are known and none fits. Throws
   * `unavailable` where they cannot be fetched, since that says nothing about the JWT.
   */
  async keysFor(url: string, jwt: ForeignJwt): Promise<readonly PublicKey[]> {
    const set = this.setAt(url);
    if (!this.isWithin(FRESH_MS, set.fetchedAt)) await this.fetchAnew(url, set);
    if (this.isWithin(STALE_MS, set.fetchedAt)) {
      const keys = candidatesFor(jwt, set.keys);
      if (keys.length > 0) return keys;
      // A missing key may have been published since.
      await this.fetchAnew(url, set);
      if (set.failure === null) return candidatesFor(jwt, set.keys);
    }
    throw new AppError('unavailable', { cause: set.failure, retryAfterSeconds: PAUSE_MS / 1000 });
  }

  private setAt(url: string): KnownSet {
    let set = this.sets.get(url);
    if (!set) {
      set = { keys: [], fetchedAt: -Infinity, triedAt: -Infinity, failure: null, flight: null };
      this.sets.set(url, set);
    }
    return set;
  }

  /** Fetches one set once at a time, and then not again before a pause. */
  private async fetchAnew(url: string, set: KnownSet): Promise<void> {
    if (!set.flight && !this.isWithin(PAUSE_MS, set.triedAt)) {
      set.triedAt = this.clock.now();
      set.flight = this.fetchKeys(url)
        .then(
          (keys) => Object.assign(set, { keys, fetchedAt: set.triedAt, failure: null }),
          (failure: unknown) => Object.assign(set, { failure }),
        )
        .then(() => void (set.flight = null));
    }
    await set.flight;
  }

  private async fetchKeys(url: string): Promise<readonly PublicKey[]> {
    const signal = AbortSignal.any([this.shutdown.signal, AbortSignal.timeout(DEADLINE_MS)]);
    const accepted = { Accept: 'application/jwk-set+json, application/json' };
    const { status, contentType, body } = await this.http.get(url, accepted, MAX_BYTES, signal);
    if (status !== 200) throw new Error(`The keys at ${url} were answered with ${status}`);
    if (!JSON_TYPE.test(contentType)) throw new Error(`The keys at ${url} are not JSON by their type`);
    const keys = keySetOf(JSON.parse(body));
    if (!keys) throw new Error(`There is no JWK Set at ${url}`);
    return keys;
  }

  // After a clock was set back everything counts as old, so that nothing stays fresh for ever.
  private isWithin(span: number, since: number): boolean {
    const age = this.clock.now() - since;
    return age >= 0 && age < span;
  }
}
