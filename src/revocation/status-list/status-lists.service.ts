import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { AppError } from '../../common/errors.js';
import { signJws } from '../../jose/jws.js';
import { entityTagOf } from '../../platform/http/routes/representation.js';
import { KeyRing } from '../../keys/key-ring.js';
import { Config } from '../../platform/config/config.js';
import { Database, type Statement } from '../../platform/database/database.js';
import { RevocationService } from '../revocation.service.js';
import { contentOf, encodeStatusList, listOf, statusListUri } from './status-list.js';

/** Seconds for which a verifier may use a list, and for which a cache in between may keep it too. */
export const TTL_SECONDS = 30;
/**
 * Seconds that a signed list is valid. It is signed again after {@link TTL_SECONDS}, and caches may keep it for as
 * long.
 */
const LIFETIME_SECONDS = 4 * TTL_SECONDS;

/** The shortest time between two readings of the existing lists, in milliseconds. Only strangers ask for others. */
const READ_MS = 100;

const LATEST: Statement = {
  name: 'status_index_latest',
  text: 'SELECT last_value AS index, is_called AS given FROM session_status_index',
};

/** A Status List Token. */
export interface SignedList {
  readonly token: string;
  readonly etag: string;
}

interface CachedList extends SignedList {
  readonly kid: string;
  readonly content: string;
  /** Seconds, until when it need not be signed again. */
  readonly goodUntil: number;
  /** The number of the log up to which it is known to be true. */
  applied: number;
}

/** Publishes the state of revocation as Token Status Lists (draft-ietf-oauth-status-list-21): one bit a session. */
@Injectable()
export class StatusListsService {
  private readonly signed = new Map<number, CachedList>();
  private latest = -1;
  private readAt = -Infinity;
  private reading: Promise<void> = Promise.resolve();
  private nextReading: Promise<void> | null = null;

  constructor(
    private readonly config: Config,
    private readonly database: Database,
    private readonly revocations: RevocationService,
    private readonly ring: KeyRing,
    private readonly clock: Clock,
  ) {}

  /** Returns the URIs of all lists for the aggregation (Token Status List 9.3). */
  async uris(): Promise<string[]> {
    await this.refreshLatest();
    return Array.from({ length: this.latest + 1 }, (_, list) => statusListUri(this.config.publicUrl, list));
  }

  /**
   * Returns a signed list. Throws `not_found` for a list without sessions, `unavailable` where revocations have been
   * unknown for too long.
   */
  async signedList(list: number): Promise<SignedList> {
    if (list > this.latest) await this.refreshLatest();
    if (list > this.latest) throw new AppError('not_found');
    // The list is true for the time up to which revocations are known here, not for the time of the request.
    const asOf = Math.floor(this.revocations.asOf / 1000);
    if (asOf + LIFETIME_SECONDS <= this.clock.seconds()) throw new AppError('unavailable', { retryAfterSeconds: 5 });
    const { applied } = this.revocations;
    const { kid } = this.ring.signer.key;
    const cached = this.signed.get(list);
    const isStillValid = cached?.kid === kid && asOf < cached.goodUntil;
    if (isStillValid && cached.applied === applied) return cached;
    const { revoked, changesAt } = contentOf(list, this.revocations.after(0), asOf);
    const content = revoked.join();
    if (isStillValid && cached.content === content) {
      cached.applied = applied;
      return cached;
    }
    const goodUntil = Math.min(changesAt, asOf + TTL_SECONDS);
    const made = { ...this.sign(list, revoked, asOf), kid, content, goodUntil, applied };
    this.signed.set(list, made);
    return made;
  }

  private sign(list: number, revoked: readonly number[], iat: number): SignedList {
    const { publicUrl } = this.config;
    const claims = {
      iss: publicUrl,
      sub: statusListUri(publicUrl, list),
      iat,
      exp: iat + LIFETIME_SECONDS,
      ttl: TTL_SECONDS,
      status_list: { bits: 1, lst: encodeStatusList(revoked), aggregation_uri: `${publicUrl}/status-lists` },
    };
    const token = signJws('statuslist+jwt', JSON.stringify(claims), this.ring.signer);
    return { token, etag: entityTagOf(token) };
  }

  /**
   * Reads which lists there are, at most once in {@link READ_MS}. A caller that comes during a reading waits for the
   * next one, so that no answer is older than its request.
   */
  private refreshLatest(): Promise<void> {
    this.nextReading ??= this.reading
      .then(() => sleep(Math.max(0, this.readAt + READ_MS - performance.now())))
      .then(() => {
        this.nextReading = null;
        this.readAt = performance.now();
        const reading = this.readLatest();
        this.reading = reading.catch(() => undefined);
        return reading;
      });
    return this.nextReading;
  }

  private async readLatest(): Promise<void> {
    const [row] = await this.database.execute<{ index: string; given: boolean }>(LATEST, []);
    this.latest = row!.given ? listOf(Number(row!.index)) : -1;
  }
}
