import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { shortUuid } from '../common/uuid.js';
import { Config } from '../platform/config/config.js';
import { Database, type Statement } from '../platform/database/database.js';
import type { EndedSession } from './ended-sessions.js';
import { fingerprintOf, type Revocation, type RevocationEntry, type RevocationEpoch } from './revocation.js';

const SKEW_SECONDS = 60;
/** The grain in seconds of the times from which entries can be forgotten, so that a snapshot contains few of them. */
const GRAIN_SECONDS = 60;

// One statement and so one snapshot of both tables: what it returns is complete up to `head`.
const READ: Statement = {
  name: 'revocations_read',
  text: `SELECT head.seq AS head, entry.* FROM revocation_head AS head LEFT JOIN (
      SELECT seq, 'session' AS kind, session_id, '' AS subject, NULL::bigint AS not_before,
        ARRAY[status_index] AS status_indexes, expires_at FROM revocations
      UNION ALL
      SELECT seq, kind, NULL, subject, not_before, status_indexes, expires_at FROM revocation_epochs
    ) AS entry ON entry.seq > $1 AND entry.expires_at > $2 ORDER BY entry.seq`,
};

const HEAD: Statement = { name: 'revocations_head', text: 'SELECT seq AS head FROM revocation_head' };

const PRUNE: Statement = {
  name: 'revocations_prune',
  text: `WITH sessions AS (DELETE FROM revocations WHERE expires_at <= $1)
    DELETE FROM revocation_epochs WHERE expires_at <= $1`,
};

interface Row extends Record<string, unknown> {
  head: string;
  seq: string | null;
  kind: Revocation['kind'];
  session_id: string;
  subject: string;
  not_before: string;
  status_indexes: (number | null)[];
  expires_at: Date;
}

/** The stored log of revocations: append-only, numbered without gaps, and no longer than the life of a token. */
@Injectable()
export class RevocationLog {
  constructor(
    private readonly config: Config,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /**
   * Appends ended sessions, as the last step of the transaction of `manager`: the numbers are taken under a row lock
   * that is held until the commit, so that they are committed in their order and without gaps.
   */
  async appendSessions(ended: readonly EndedSession[], manager: EntityManager): Promise<RevocationEntry[]> {
    const expiresAt = this.expiry(this.clock.seconds());
    const [last] = await manager.query<[{ seq: string }]>(
      `WITH head AS (UPDATE revocation_head SET seq = seq + cardinality($1::uuid[]) RETURNING seq),
         appended AS (INSERT INTO revocations (seq, session_id, status_index, revoked_at, expires_at)
           SELECT head.seq - cardinality($1::uuid[]) + ended.position, ended.id, ended.status_index, $3, to_timestamp($4)
           FROM head, unnest($1::uuid[], $2::integer[]) WITH ORDINALITY AS ended (id, status_index, position))
       SELECT seq FROM head`,
      [ended.map(({ id }) => id), ended.map(({ statusIndex }) => statusIndex), this.clock.date(), expiresAt],
    );
    const first = Number(last.seq) - ended.length + 1;
    return ended.map(({ id, statusIndex }, position) => ({
      seq: first + position,
      kind: 'session',
      fingerprint: fingerprintOf(shortUuid(id)),
      statusIndex,
      expiresAt,
    }));
  }

  /** Appends an epoch, likewise. */
  async appendEpoch(epoch: Omit<RevocationEpoch, 'expiresAt'>, manager: EntityManager): Promise<RevocationEntry> {
    const expiresAt = this.expiry(Math.max(this.clock.seconds(), epoch.notBefore));
    const [head] = await manager.query<[{ seq: string }]>(
      `WITH head AS (UPDATE revocation_head SET seq = seq + 1 RETURNING seq),
         appended AS (INSERT INTO revocation_epochs (seq, kind, subject, not_before, status_indexes, expires_at)
           SELECT head.seq, $1, $2, $3, $4, to_timestamp($5) FROM head)
       SELECT seq FROM head`,
      [epoch.kind, epoch.subject, epoch.notBefore, epoch.statusIndexes, expiresAt],
    );
    return { ...epoch, seq: Number(head.seq), expiresAt };
  }

  /** Returns the entries after number `seq` that are still needed, and the number up to which they are complete. */
  async entriesAfter(seq: number): Promise<{ head: number; entries: RevocationEntry[] }> {
    // At the start this reads the whole log, which may be very long.
    const rows = await this.database[seq === 0 ? 'executeLong' : 'execute']<Row>(READ, [seq, this.clock.date()]);
    const entries = rows.filter((row) => row.seq !== null).map((row) => entryOf(row));
    return { head: Number(rows[0]!.head), entries };
  }

  /** Returns the number of the last committed entry. */
  async head(): Promise<number> {
    const [row] = await this.database.execute<{ head: string }>(HEAD, []);
    return Number(row!.head);
  }

  async prune(): Promise<void> {
    await this.database.executeLong(PRUNE, [this.clock.date()]);
  }

  private expiry(from: number): number {
    return Math.ceil((from + 1 + this.config.accessTokenTtl + SKEW_SECONDS) / GRAIN_SECONDS) * GRAIN_SECONDS;
  }
}

function entryOf(row: Row): RevocationEntry {
  const seq = Number(row.seq);
  const expiresAt = row.expires_at.getTime() / 1000;
  if (row.kind === 'session') {
    const fingerprint = fingerprintOf(shortUuid(row.session_id));
    return { seq, kind: 'session', fingerprint, statusIndex: row.status_indexes[0]!, expiresAt };
  }
  const { kind, subject } = row;
  return {
    seq,
    kind,
    subject,
    notBefore: Number(row.not_before),
    statusIndexes: row.status_indexes as number[],
    expiresAt,
  };
}
