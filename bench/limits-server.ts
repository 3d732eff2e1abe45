// The smallest server that can do the same, which is no product: bare Fastify, raw pg with prepared statements,
// argon2id one at a time, ES256 signed and verified on the event loop. Run on its own; ready when /ready answers 200.
import { createHash, generateKeyPairSync, randomBytes, randomUUID, sign, verify } from 'node:crypto';
import { hash, verify as verifyHash } from '@node-rs/argon2';
import fastify from 'fastify';
import { Pool } from 'pg';

const HASH = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 };
const { LIMITS_PORT, LIMITS_DATABASE, LIMITS_SESSIONS } = process.env;

const pool = new Pool({ connectionString: LIMITS_DATABASE, max: 16 });
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (text: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, unknown>;
const digest = (token: string): Buffer => createHash('sha256').update(token).digest();
const HEADER = encode({ alg: 'ES256', typ: 'at+jwt', kid: 'k1' });

await pool.query(`
  CREATE TABLE IF NOT EXISTS limit_users (id uuid PRIMARY KEY, email text UNIQUE NOT NULL, hash text NOT NULL);
  CREATE TABLE IF NOT EXISTS limit_sessions
    (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL, token_hash bytea UNIQUE NOT NULL)`);
await pool.query(
  `INSERT INTO limit_sessions (user_id, token_hash)
   SELECT gen_random_uuid(), sha256(convert_to('token' || i, 'UTF8')) FROM generate_series(1, $1::int) AS i
   ON CONFLICT DO NOTHING`,
  [LIMITS_SESSIONS ?? 0],
);

// One hash at a time: this runs on one core.
let last: Promise<unknown> = Promise.resolve();
function inTurn<T>(job: () => Promise<T>): Promise<T> {
  const result = last.then(job);
  last = result.catch(() => undefined);
  return result;
}

function accessToken(subject: string): string {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iss: 'https://auth.example.com', sub: subject, aud: 'api', exp: iat + 600, iat, jti: randomUUID() };
  const signed = `${HEADER}.${encode(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

const REGISTER = 'INSERT INTO limit_users VALUES ($1, $2, $3) ON CONFLICT DO NOTHING';

const server = fastify();

server.get('/hello', () => ({ hello: 'world' }));

server.get('/ready', async () => (await pool.query({ name: 'ready', text: 'SELECT 1 AS ready' })).rows[0]);

server.get('/me', (request, reply) => {
  const token = request.headers.authorization!.slice('Bearer '.length);
  const [header, payload, signature] = token.split('.') as [string, string, string];
  const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
  const genuine = verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'));
  return genuine ? decode(payload) : reply.code(401).send();
});

server.post<{ Body: { email: string; password: string } }>('/register', async ({ body }, reply) => {
  const passwordHash = await inTurn(() => hash(body.password, HASH));
  const values = [randomUUID(), body.email, passwordHash];
  const { rowCount } = await pool.query({ name: 'register', text: REGISTER, values });
  return reply.code(rowCount === 1 ? 201 : 409).send({});
});

server.post<{ Body: { email: string; password: string } }>('/login', async ({ body }, reply) => {
  const text = 'SELECT id, hash FROM limit_users WHERE email = $1';
  const { rows } = await pool.query<{ id: string; hash: string }>({ name: 'user', text, values: [body.email] });
  const user = rows[0];
  if (!user || !(await inTurn(() => verifyHash(user.hash, body.password)))) return reply.code(401).send();
  const refresh = randomBytes(32).toString('base64url');
  const insert = 'INSERT INTO limit_sessions (user_id, token_hash) VALUES ($1, $2)';
  await pool.query({ name: 'session', text: insert, values: [user.id, digest(refresh)] });
  return { access_token: accessToken(user.id), refresh_token: refresh };
});

server.post<{ Body: { refresh_token: string } }>('/refresh', async ({ body }, reply) => {
  const refresh = randomBytes(32).toString('base64url');
  const text = 'UPDATE limit_sessions SET token_hash = $2 WHERE token_hash = $1 RETURNING user_id';
  const values = [digest(body.refresh_token), digest(refresh)];
  const { rows } = await pool.query<{ user_id: string }>({ name: 'rotate', text, values });
  const session = rows[0];
  return session ? { access_token: accessToken(session.user_id), refresh_token: refresh } : reply.code(401).send();
});

server.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
  done(null, new URLSearchParams(String(body))),
);

server.post('/echo', () => ({ active: true }));

server.post('/sign', () => ({ access_token: accessToken('svc'), token_type: 'Bearer', expires_in: 600 }));

await server.listen({ port: Number(LIMITS_PORT), host: '127.0.0.1' });
