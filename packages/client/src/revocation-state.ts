import { MAX_LIFETIME } from './claims.js';
import type { Revocations } from './feed-frame.js';
import type { Actor, Principal } from './principal.js';

/** The additional time for which entries are kept, in seconds, for differences of clocks. */
const SKEW = 60;
const FINGERPRINT_START = 12;
/** The shortest time between two prunings, in seconds of the issuer's time. */
const PRUNE_INTERVAL = 10;

/** Returns the name of a session in the feed: the last 10 characters of its `sid` of 22. */
export const fingerprintOf = (sid: string): string => sid.slice(FINGERPRINT_START);

/** Returns the services that a token has come through (`act`, RFC 8693 4.1), and its subject, which may be one too. */
export function throughOf({ subject, actor }: Pick<Principal, 'subject' | 'actor'>): readonly string[] {
  if (!actor) return [];
  const services = [subject];
  for (let acting: Actor | null = actor; acting; acting = acting.actor) services.push(acting.subject);
  return services;
}

/** The claims by which a token can be revoked. */
export interface Revocable {
  readonly kid: string;
  /** The fingerprint of its session; null for a token without one. */
  readonly fingerprint: string | null;
  readonly subject: string;
  readonly client: string;
  /**
   * The services that the token was exchanged through: an epoch that refuses their tokens refuses it too. Empty for
   * most tokens.
   */
  readonly through: readonly string[];
  /** Seconds since the epoch. */
  readonly issuedAt: number;
}

/** Stores a time. Of several times for the same subject the latest counts. */
function raise(times: Map<string, number>, id: string, seconds: number): void {
  times.set(id, Math.max(seconds, times.get(id) ?? 0));
}

function forget(times: Map<string, number>, until: number): void {
  for (const [id, seconds] of times) if (seconds <= until) times.delete(id);
}

/** The known revocations. They only grow by merging, so that the order of frames does not matter. */
export class RevocationState {
  /** The times from which fingerprints can be forgotten. */
  private readonly sessions = new Map<string, number>();
  private readonly users = new Map<string, number>();
  private readonly clients = new Map<string, number>();
  /** Leaked keys, which are never forgotten, because they must not come back with an old JWKS. */
  private readonly keys = new Map<string, number>();
  private all = 0;
  private prunedAt = 0;
  private known = { seq: -1, feedTime: 0 };

  /** The last entry of the issuer's log that is known with all before it; -1 where a snapshot is needed. */
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
      through.some((id) => issuedAt <= Math.max(this.clients.get(id) ?? 0, this.users.get(id) ?? 0))
    );
  }

  /**
   * Applies revocations. Returns false where earlier entries are missing: then a snapshot is needed, and nothing has
   * changed.
   */
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

  /** Forgets the known number, which has no meaning any more: only a snapshot can be applied next. */
  forgetSeq(): void {
    this.known = { ...this.known, seq: -1 };
  }

  /** Forgets entries by the issuer's signed time, which no clock of this machine can move ahead of the true one. */
  private prune(): void {
    forget(this.sessions, this.feedTime - SKEW);
    forget(this.users, this.feedTime - SKEW - MAX_LIFETIME);
    forget(this.clients, this.feedTime - SKEW - MAX_LIFETIME);
    this.prunedAt = this.feedTime;
  }
}
