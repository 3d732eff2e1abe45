import type { Socket } from 'node:net';
import type { PoolClient } from 'pg';
import type { EntityManager } from 'typeorm';

/**
 * How long a request may wait for the database, in milliseconds. Every request is answered within 3 s
 * (`platform/http/answer-limit.ts`); each of these is shorter, so that what nobody waits for any more soon gives its place
 * back.
 */
export const LIMITS = {
  /** For a connection: a new one, or one that others give back. */
  connection: 1_500,
  /** For a statement, its locks included. PostgreSQL cuts it. */
  statement: 1_800,
  /** For a lock. PostgreSQL cuts the statement that waits. */
  lock: 1_800,
  /** For any sign of the server: longer than it may take to cut a statement. */
  silence: 2_000,
  /** For the next statement of a transaction, which holds its locks meanwhile: a client may be frozen or cut off. */
  idleTransaction: 10_000,
} as const;

/** The same for work on very many rows, which takes its time. */
const LONG = { statement: 60_000, lock: 10_000, silence: 62_000 } as const;

/** Gives the transaction of `manager` the time that work on very many rows takes. */
export async function takeLong(manager: EntityManager): Promise<void> {
  const client = (await manager.queryRunner!.connect()) as PoolClient;
  // Until the pool hands the connection out again; see `closeSilentConnections`.
  (client.connection.stream as Socket).setTimeout(LONG.silence);
  await manager.query(`SET LOCAL statement_timeout = ${LONG.statement}; SET LOCAL lock_timeout = ${LONG.lock}`);
}
