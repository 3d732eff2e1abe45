import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';
import { createDatabase } from '../support/database.js';

describe('a service restarts', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let app: TestApp;
  const start = async () => void (app = await TestApp.start({ DATABASE_URL: database.url, RATE_LIMITS: 'false' }));
  const restart = async () => {
    await app.close();
    await start();
  };
  beforeAll(async () => {
    database = await createDatabase();
    await start();
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  const statusOf = async (token: string): Promise<string> => {
    const { status, body } = await app.http.get('/auth/me', { token });
    return status === 200 ? 'good' : `${status} ${body['code']}`;
  };

  it('tokens of a session that has ended stay refused, by whatever end', async () => {
    const { tokens: kept } = await app.signedInUser();
    const { tokens: loggedOut } = await app.signedInUser();
    const { tokens: deleted } = await app.signedInUser();
    const { user: disabledUser, tokens: disabled } = await app.signedInUser();
    const { tokens: admin } = await app.signedInAdmin();
    await app.http.post('/auth/logout', undefined, { token: loggedOut.access_token });
    await app.http.delete('/users/me', { token: deleted.access_token });
    await app.http.patch(`/users/${disabledUser.id}`, { status: 'disabled' }, { token: admin.access_token });

    await restart();
    for (const { access_token, refresh_token } of [loggedOut, deleted, disabled]) {
      expect(await statusOf(access_token)).toBe('401 token_revoked');
      expect((await app.http.post('/auth/refresh', { refresh_token })).status).toBe(401);
    }
    expect(await statusOf(kept.access_token)).toBe('good');
  });

  it('a hundred revocations stand, and new ones follow them without a gap', async () => {
    const { email } = await app.createUser();
    const tokens = [];
    for (let n = 0; n < 5; n++) tokens.push((await app.login(email)).access_token);
    await app.dataSource.query(
      `INSERT INTO revocations SELECT seq + n, gen_random_uuid(), now(), now() + interval '1 hour'
       FROM revocation_head, generate_series(1, 100) AS n`,
    );
    await app.dataSource.query('UPDATE revocation_head SET seq = seq + 100');
    await app.http.post('/auth/logout', undefined, { token: tokens[0] });
    await restart();
    expect(await statusOf(tokens[0]!)).toBe('401 token_revoked');
    expect((await app.http.delete('/sessions', { token: tokens[1] })).body).toEqual({ ended: 3 });
    for (const token of tokens.slice(2)) expect(await statusOf(token)).toBe('401 token_revoked');
    expect(await statusOf(tokens[1]!)).toBe('good');

    const [row] = await app.dataSource.query(
      'SELECT count(*)::int AS n, max(seq)::int - min(seq)::int + 1 AS span, max(seq) = (SELECT seq FROM revocation_head) AS head FROM revocations',
    );
    expect(row).toMatchObject({ n: row.span, head: true });
  });

  it('the log stays gapless under parallel ends, and every end is in it', async () => {
    const { email } = await app.createUser();
    const { tokens: admin } = await app.signedInAdmin();
    const [before] = await app.dataSource.query('SELECT seq::int AS seq FROM revocation_head');
    const sessions = await Promise.all(Array.from({ length: 24 }, () => app.login(email)));
    await Promise.all(
      sessions.map(({ access_token: token }, n) =>
        n % 3 === 0 ? app.http.delete('/sessions', { token }) : app.http.post('/auth/logout', undefined, { token }),
      ),
    );
    const [{ id }] = await app.dataSource.query('SELECT id FROM users WHERE email = $1', [email]);
    await app.http.delete(`/users/${id}/sessions`, { token: admin.access_token });
    const rows = await app.dataSource.query('SELECT seq::int AS seq FROM revocations WHERE seq > $1 ORDER BY seq', [
      before.seq,
    ]);
    expect(rows.map(({ seq }: { seq: number }) => seq - before.seq)).toEqual(
      Array.from({ length: 24 }, (_, n) => n + 1),
    );
  });
});
