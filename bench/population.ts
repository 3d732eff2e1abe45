import { createHash } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import { built } from './built.js';
import { query } from './database.js';

export const PASSWORD = 'correct horse battery staple';

const SESSION_SECRET = Buffer.alloc(16, 'session');
// UUIDs of version 7 in ascending order, as in a table that has grown over time.
const FIRST_MILLISECOND = 1_700_000_000_000;
const ID = `(lpad(to_hex(${FIRST_MILLISECOND} + i), 12, '0') || '70008' || lpad(to_hex(i), 15, '0'))::uuid`;

/** The users of a database, numbered from 1: one password, and a session for each. */
export interface Population {
  readonly size: number;
  /** Returns a random user. */
  credentials(): { email: string; password: string };
  /** Returns a random session, of those that only this one of the parallel workers uses. */
  session(worker: number, workers: number): SeededSession;
}

export interface SeededSession {
  /** The refresh token that is valid now. Its user replaces it by its successor. */
  refreshToken: string;
}

/** Fills the migrated database at `url`. `secretKey` is the SECRET_KEY of its service. */
export async function populate(url: string, size: number, secretKey: Buffer): Promise<Population> {
  await insert(url, size);
  const mint = await refreshTokenMint(secretKey);
  const sessions = new Map<number, SeededSession>();
  const random = (count: number): number => Math.floor(Math.random() * count);
  return {
    size,
    credentials: () => ({ email: `user${1 + random(size)}@example.com`, password: PASSWORD }),
    session(worker, workers) {
      const user = 1 + worker + workers * random(Math.floor(size / workers));
      let session = sessions.get(user);
      if (!session) sessions.set(user, (session = { refreshToken: mint(user) }));
      return session;
    },
  };
}

async function insert(url: string, size: number): Promise<void> {
  const passwordHash = await hash(PASSWORD, { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 });
  const secretHash = createHash('sha256').update(SESSION_SECRET).digest();
  await query(
    url,
    `INSERT INTO users (id, email, email_canonical, created_at, updated_at)
     SELECT ${ID}, 'user' || i || '@example.com', 'user' || i || '@example.com', now(), now()
     FROM generate_series(1, ${size}) AS i`,
  );
  await query(url, 'INSERT INTO passwords SELECT id, $1, now() FROM users', [passwordHash]);
  await query(
    url,
    `INSERT INTO sessions (id, user_id, secret_hash, created_at, rotated_at, expires_at, user_agent, address)
     SELECT id, id, $1, now(), now(), now() + interval '180 days', 'bench', '192.0.2.1' FROM users ORDER BY id`,
    [secretHash],
  );
  // As in a database that has run for a while, which has statistics, visibility and hint bits.
  await query(url, 'VACUUM ANALYZE');
}

/** Returns a function that mints the first refresh token of a session of {@link insert}. */
async function refreshTokenMint(secretKey: Buffer): Promise<(user: number) => string> {
  const { encodeRefreshToken } = await built.refreshToken();
  const { deriveKey } = await built.crypto();
  const key = deriveKey(secretKey, 'refresh-tokens');
  return (user) => encodeRefreshToken(key, { sessionId: idOf(user), generation: 0, secret: SESSION_SECRET });
}

/** Returns the same id as the SQL above. */
function idOf(user: number): string {
  const time = (FIRST_MILLISECOND + user).toString(16).padStart(12, '0');
  const rest = user.toString(16).padStart(15, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8${rest.slice(0, 3)}-${rest.slice(3)}`;
}
