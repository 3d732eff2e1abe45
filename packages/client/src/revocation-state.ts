import { MAX_LIFETIME } from './claims.js';
import type { Revocations } from './feed-frame.js';
import type { Actor, Principal } from './principal.js';

/** How much longer entries are kept than any clock may need, in seconds. */
const SKEW = 60;
const FINGERPRINT_START = 12;
/** Seconds of the issuer's time. */
const PRUNE_INTERVAL = 10;

/** The name of a session in the feed: the last 10 characters of its `sid` of 22. */
export const fingerprintOf = (sid: string): string => sid.slice(FINGERPRINT_START);

/** The services that a token has come through (`act`, RFC 8693 4.1), and its subject, which may be one. */
export function throughOf({ subject, actor }: Pick<Principal, 'subject' | 'actor'>): readonly string[] {
  if (!actor) return [];
  const services = [subject];
  for (let acting: Actor | null = actor; acting; acting = acting.actor) services.push(acting.subject);
  return services;
}

/** By what a token can be revoked. */
export interface Revocable {
  readonly kid: string;
  /** Of its session; null for a token without one. */
  readonly fingerprint: string | null;
  readonly subject: string;
  readonly client: string;
  /** The services whose own tokens it was exchanged for: what refuses theirs refuses this one. Empty for most tokens. */
  readonly through: readonly string[];
  /** Seconds since the epoch. */
  readonly issuedAt: number;
}

/** Several times for the same subject combine by maximum. */
function raise(times: Map<string, number>, id: string, seconds: number): void {
  times.set(id, Math.max(seconds, times.get(id) ?? 0));
}

function forget(times: Map<string, number>, until: number): void {
  for (const [id, seconds] of times) if (seconds <= until) times.delete(id);
}

/** What has been revoked, as far as the feed has told. Grows by merging only, so the order of frames does not matter. */
export class RevocationState {
  /** Fingerprint to the time when it can be forgotten. */
  private readonly sessions = new Map<string, number>();
  private readonly users = new Map<string, number>();
  private readonly clients = new Map<string, number>();
  /** Never forgotten: a key that has leaked must not come back with an old JWKS. */
  private readonly keys = new Map<string, number>();
  private all = 0;
  private prunedAt = 0;
  private known = { seq: -1, feedTime: 0 };

  /** The last entry of the issuer's log that is known with all before it; -1 where it has to be asked for. */
  get seq(): number {
    return this.known.seq;
  }

  /** The issuer's time up to which its log is known, in seconds; 0 before the first snapshot. */
  get feedTime(): number {
    return this.known.feedTime;
  }

  get size(): number {
    return this.sessions.size + this.users.size + this.clients.size + this.keys.size;
  }

  isKeyRevoked(kid: string): boolean {
    return this.keys.has(kid);
  }

  isRevoked({ kid, fingerprint, subject, client, through, issuedAt }: Revocable): boolean {
    return (
      this.keys.has(kid) ||
      (fingerprint !== null && this.sessions.has(fingerprint)) ||
      issuedAt <= this.all ||
      issuedAt <= (this.users.get(subject) ?? 0) ||
      issuedAt <= (this.clients.get(client) ?? 0) ||
      through.some((id) => issuedAt <= (this.clients.get(id) ?? 0))
    );
  }

  /** Learns. False where entries before these are missing: then a snapshot is needed, and nothing has changed. */
  apply(news: Revocations): boolean {
    if (news.after > this.seq) return false;
    for (const [until, fingerprints] of news.sessions) {
      for (const fingerprint of fingerprints) raise(this.sessions, fingerprint, until);
    }
    for (const [epochs, newer] of [
      [this.users, news.users],
      [this.clients, news.clients],
      [this.keys, news.keys],
    ] as const) {
      for (const [id, seconds] of newer) raise(epochs, id, seconds);
    }
    this.all = Math.max(this.all, news.all);
    this.known = { seq: Math.max(this.seq, news.seq), feedTime: Math.max(this.feedTime, news.feedTime) };
    if (this.feedTime - this.prunedAt >= PRUNE_INTERVAL || news.after < 0) this.prune();
    return true;
  }

  /** The numbers that are known mean nothing any more: only a snapshot can be applied next. */
  forgetSeq(): void {
    this.known = { ...this.known, seq: -1 };
  }

  /** By the issuer's signed time, which no clock of this machine can push ahead of the true one. */
  private prune(): void {
    forget(this.sessions, this.feedTime - SKEW);
    forget(this.users, this.feedTime - SKEW - MAX_LIFETIME);
    forget(this.clients, this.feedTime - SKEW - MAX_LIFETIME);
    this.prunedAt = this.feedTime;
  }
}
