import type { Socket } from 'node:net';
import type { PoolClient } from 'pg';
import type { EntityManager } from 'typeorm';

/**
 * The longest waits for the database, in milliseconds. Every request is answered within 3 s
 * (`platform/http/answer-limit.ts`). Each of these limits is shorter, so that work for which no caller waits any more
 * soon ends.
 */
export const LIMITS = {
  /** For a connection: a new one, or one that another request returns. */
  connection: 1_500,
  /** For a statement, including its locks. PostgreSQL cancels it. */
  statement: 1_800,
  /** For a lock. PostgreSQL cancels the statement that waits. */
  lock: 1_800,
  /** For any data from the server: longer than it takes to cancel a statement. */
  silence: 2_000,
  /**
   * For the next statement of a transaction, which holds its locks meanwhile: the client may be frozen or disconnected.
   */
  idleTransaction: 10_000,
} as const;

/** The same limits for work on very many rows. */
const LONG = { statement: 60_000, lock: 10_000, silence: 62_000 } as const;

/** Raises the limits of the transaction of `manager` for work on very many rows. */
export async function takeLong(manager: EntityManager): Promise<void> {
  const client = (await manager.queryRunner!.connect()) as PoolClient;
  // It holds until the pool gives the connection to the next request; see `closeSilentConnections`.
  (client.connection.stream as Socket).setTimeout(LONG.silence);
  await manager.query(`SET LOCAL statement_timeout = ${LONG.statement}; SET LOCAL lock_timeout = ${LONG.lock}`);
}
