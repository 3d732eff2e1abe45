import {
  fingerprintOf,
  type RevocableToken,
  type Revocation,
  type RevocationEntry,
  type TokenOwners,
} from './revocation.js';

/** What has been revoked while tokens may be alive, and the log of it that others are told. */
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

  /** The next part of the log, in its order; `head` is the number up to which it is complete. */
  apply(entries: readonly RevocationEntry[], head: number): void {
    for (const entry of entries) this.know(entry);
    this.log.push(...entries);
    this.head = head;
  }

  /** Known before it is read from the log, because this instance has committed it. */
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
      // Without its key no token passes: nothing to remember.
    }
  }

  isRevoked(token: RevocableToken): boolean {
    const { session, issuedAt } = token;
    return (session !== null && this.sessions.has(fingerprintOf(session))) || issuedAt <= this.epochOf(token);
  }

  /**
   * The latest second whose tokens are refused for this subject and client; -Infinity where there is none. A client takes
   * the tokens with it that others were given for its own: it is their subject, or one of those that acted before them.
   */
  epochOf({ subject, client, actor = null }: TokenOwners): number {
    const ofClient = (id: string): number => this.clients.get(id) ?? -Infinity;
    let epoch = Math.max(this.everybody, this.users.get(subject) ?? -Infinity, ofClient(subject), ofClient(client));
    for (let acting = actor; acting; acting = acting.actor) epoch = Math.max(epoch, ofClient(acting.subject));
    return epoch;
  }

  /** The entries behind number `seq` that can still match a token, in the order of the log. */
  after(seq: number): readonly RevocationEntry[] {
    return this.log.filter((entry) => entry.seq > seq);
  }

  /** Forgets what no living token can match. */
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

// A later epoch of the same subject stands.
function lower(times: Map<string, number>, key: string, time: number): void {
  if (times.get(key) === time) times.delete(key);
}
