import { randomBytes, randomInt } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';

const ROUNDS = 2;
/**
 * A limit in milliseconds: a pooler with one connection left makes the second client wait. The types of pg lack the
 * option.
 */
const PATIENTLY = { query_timeout: 2_000 };
const NO_SUCH_STATEMENT = '26000';

/** The state that a connection keeps from one round trip to the next. */
export interface Kept {
  /** Session locks and LISTEN. */
  session: boolean;
  /** Prepared statements. */
  statements: boolean;
}

/** Finds out what a pooler between us and PostgreSQL keeps; without a pooler everything is kept. */
export async function whatIsKept(pool: Pool): Promise<Kept> {
  const [own, other] = await Promise.all([pool.connect(), pool.connect()]);
  const kept: Kept = { session: true, statements: true };
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const { session, statements } = await probe(own, other);
      kept.session &&= session;
      kept.statements &&= statements;
    }
    return kept;
  } finally {
    for (const client of [own, other]) client.release(!kept.session);
  }
}

async function probe(own: PoolClient, other: PoolClient): Promise<Kept> {
  const name = `countersign_probe_${randomBytes(8).toString('hex')}`;
  const lock = randomInt(2 ** 47);
  await own.query('SELECT pg_advisory_lock($1)', [lock]);
  await own.query(`LISTEN ${name}`);
  await own.query({ name, text: 'SELECT 1' });
  // A pooler in transaction mode gives it the connection that was used last, or that is used next.
  await other.query('BEGIN');
  await other.query('SELECT 1');
  try {
    const statements = await again(own, name);
    const { rows } = await own.query<{ held: boolean; listens: boolean }>({
      text: `SELECT pg_advisory_unlock($1) AS held,
        EXISTS (SELECT FROM pg_listening_channels() AS channel WHERE channel = $2) AS listens`,
      values: [lock, name],
      ...PATIENTLY,
    });
    return { session: rows[0]!.held && rows[0]!.listens, statements };
  } catch (error) {
    if (error instanceof Error && error.message === 'Query read timeout') return { session: false, statements: false };
    throw error;
  } finally {
    await other.query('SELECT pg_advisory_unlock($1)', [lock]);
    await other.query(`UNLISTEN ${name}`);
    await other.query('COMMIT');
    await own.query(`UNLISTEN ${name}`);
  }
}

async function again(client: PoolClient, name: string): Promise<boolean> {
  try {
    await client.query({ name, text: 'SELECT 1', ...PATIENTLY });
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === NO_SUCH_STATEMENT) return false;
    throw error;
  }
}
