import {
  fingerprintOf,
  type RevocableToken,
  type Revocation,
  type RevocationEntry,
  type TokenOwners,
} from './revocation.js';

/** The revocations of tokens that may be alive, in memory, and their log for the feed. */
export class RevocationState {
  private readonly sessions = new Map<string, number>();
  private readonly users = new Map<string, number>();
  private readonly clients = new Map<string, number>();
  private everybody = -Infinity;
  private log: RevocationEntry[] = [];
  private head = 0;

  /** The number of the last entry of the log that is known here. */
  get applied(): number {
    return this.head;
  }

  /** How many revoked sessions are remembered. */
  get size(): number {
    return this.sessions.size;
  }

  /** Applies the next part of the log, in its order. `head` is the number up to which it is complete. */
  apply(entries: readonly RevocationEntry[], head: number): void {
    for (const entry of entries) this.know(entry);
    this.log.push(...entries);
    this.head = head;
  }

  /** Applies a revocation before it is read from the log, because this instance has committed it. */
  know(revocation: Revocation): void {
    switch (revocation.kind) {
      case 'session':
        raise(this.sessions, revocation.fingerprint, revocation.expiresAt);
        return;
      case 'user':
        raise(this.users, revocation.subject, revocation.notBefore);
        return;
      case 'client':
        raise(this.clients, revocation.subject, revocation.notBefore);
        return;
      case 'all':
        this.everybody = Math.max(this.everybody, revocation.notBefore);
        return;
      case 'key':
      // Tokens of a removed key are refused anyway, so there is nothing to remember.
    }
  }

  isRevoked(token: RevocableToken): boolean {
    const { session, issuedAt } = token;
    return (session !== null && this.sessions.has(fingerprintOf(session))) || issuedAt <= this.epochOf(token);
  }

  /**
   * Returns the latest second whose tokens are refused for this subject and client; -Infinity where there is none. The
   * epoch of a client also covers tokens that others got by exchanging its own: the client is their subject or one of
   * their earlier actors. The epoch of a user
   * also covers tokens of others that name this user as an actor.
   */
  epochOf({ subject, client, actor = null }: TokenOwners): number {
    const ofUser = (id: string): number => this.users.get(id) ?? -Infinity;
    const ofClient = (id: string): number => this.clients.get(id) ?? -Infinity;
    let epoch = Math.max(this.everybody, ofUser(subject), ofClient(subject), ofClient(client));
    for (let acting = actor; acting; acting = acting.actor) {
      epoch = Math.max(epoch, ofClient(acting.subject), ofUser(acting.subject));
    }
    return epoch;
  }

  /** Returns the entries after number `seq` that can still match a token, in the order of the log. */
  after(seq: number): readonly RevocationEntry[] {
    return this.log.filter((entry) => entry.seq > seq);
  }

  /** Forgets entries that no living token can match. */
  prune(now: number): void {
    const forgotten = this.log.filter(({ expiresAt }) => expiresAt <= now);
    this.log = this.log.filter(({ expiresAt }) => expiresAt > now);
    for (const [session, expiresAt] of this.sessions) if (expiresAt <= now) this.sessions.delete(session);
    for (const entry of forgotten) {
      if (entry.kind === 'user') lower(this.users, entry.subject, entry.notBefore);
      if (entry.kind === 'client') lower(this.clients, entry.subject, entry.notBefore);
    }
  }
}

function raise(times: Map<string, number>, key: string, time: number): void {
  times.set(key, Math.max(time, times.get(key) ?? -Infinity));
}

// An entry of an earlier epoch must not remove a later epoch of the same subject.
function lower(times: Map<string, number>, key: string, time: number): void {
  if (times.get(key) === time) times.delete(key);
}
