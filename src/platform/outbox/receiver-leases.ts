import type { Database, Statement } from '../database/database.js';

/** The length of a lease in milliseconds: longer than a worker serves one receiver at a time; see `deliverInOrder`. */
const LEASE_MS = 60_000;

/** A receiver that one worker alone serves until its lease ends. */
export interface LeasedReceiver {
  id: string;
  /** The number of this lease, under which only its worker can settle. */
  attempts: string;
  /** The number of failures in a row. */
  failures: number;
}

/** A table of receivers. It has the columns `id`, `attempts`, `leased_until`, `next_push_at`, `failures`, `failing_since`. */
export interface ReceiverTable {
  /** The beginning of the names of the prepared statements. */
  readonly name: string;
  readonly table: string;
  /** A condition in SQL on `receiver`: something waits for it that may go now. */
  readonly ready: string;
  /** Further columns that a delivery needs. */
  readonly columns: readonly string[];
}

/**
 * Leases receivers, by the clock of the database, which all instances share. One worker for each receiver keeps the
 * order of its events, and spares a receiver that is down.
 */
export class ReceiverLeases<Row extends LeasedReceiver> {
  private readonly claimOne: Statement;
  private readonly releaseOne: Statement;
  private readonly postponeOne: Statement;

  constructor(
    private readonly database: Database,
    { name, table, ready, columns }: ReceiverTable,
  ) {
    this.claimOne = {
      name: `${name}_claim`,
      text: `UPDATE ${table} SET leased_until = now() + $1 * interval '1 millisecond', attempts = attempts + 1
        WHERE id = (
          SELECT receiver.id FROM ${table} AS receiver
          WHERE receiver.next_push_at <= now() AND (receiver.leased_until IS NULL OR receiver.leased_until <= now())
            AND ${ready}
          ORDER BY receiver.next_push_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
        RETURNING id, attempts, failures, ${columns.join(', ')}`,
    };
    this.releaseOne = {
      name: `${name}_release`,
      text: `UPDATE ${table} SET leased_until = NULL, next_push_at = now(),
          failures = CASE WHEN $3 THEN 0 ELSE failures END, failing_since = CASE WHEN $3 THEN NULL ELSE failing_since END
        WHERE id = $1 AND attempts = $2`,
    };
    this.postponeOne = {
      name: `${name}_postpone`,
      text: `UPDATE ${table} SET leased_until = NULL, next_push_at = now() + $4 * interval '1 millisecond', failures = $3,
          failing_since = CASE WHEN $3 > 1 THEN coalesce(failing_since, now()) ELSE now() END
        WHERE id = $1 AND attempts = $2
        RETURNING failing_since AS since, extract(epoch FROM now() - failing_since)::double precision AS seconds`,
    };
  }

  /** Leases a receiver for which events wait and that no worker serves; null where there is none. */
  async claim(): Promise<Row | null> {
    const [row] = await this.database.execute<Row & Record<string, unknown>>(this.claimOne, [LEASE_MS]);
    return row ?? null;
  }

  /** Returns a lease. `healthy` tells whether the receiver has accepted all events. */
  async release({ id, attempts }: LeasedReceiver, healthy: boolean): Promise<void> {
    await this.database.execute(this.releaseOne, [id, attempts, healthy]);
  }

  /**
   * Postpones a receiver after so many failures in a row. Returns since when it has failed; null where another worker
   * serves it by now.
   */
  async postpone(
    { id, attempts }: LeasedReceiver,
    failures: number,
    milliseconds: number,
  ): Promise<{ since: Date; seconds: number } | null> {
    const values = [id, attempts, failures, Math.round(milliseconds)];
    const [row] = await this.database.execute<{ since: Date; seconds: number }>(this.postponeOne, values);
    return row ?? null;
  }
}
