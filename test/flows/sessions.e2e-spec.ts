import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { shortUuid } from '../../src/common/uuid.js';
import { PASSWORD, TestApp } from '../support/create-app.js';

interface Session {
  id: string;
  current: boolean;
  created_at: string;
  last_used_at: string;
  expires_at: string;
  user_agent: string | null;
  address: string | null;
}

describe('a person looks at the devices that are signed in', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false', TRUSTED_PROXIES: '127.0.0.1', ACCESS_TOKEN_TTL: '60m' });
  });
  afterAll(() => app.close());

  const list = async (token: string): Promise<Session[]> => {
    const { status, body } = await app.http.get<{ items: Session[] }>('/sessions', { token });
    expect(status).toBe(200);
    return body.items;
  };
  const loginFrom = async (email: string, userAgent: string, address: string): Promise<TokenResponse> => {
    const headers = { 'user-agent': userAgent, 'x-forwarded-for': address };
    const answer = await app.http.post<TokenResponse>('/auth/login', { email, password: PASSWORD }, { headers });
    expect(answer.status).toBe(200);
    return answer.body;
  };

  it('sees each with its facts, its own marked, the newest sign-in first', async () => {
    const { email } = await app.createUser();
    const phone = await loginFrom(email, 'Phone/1.0', '203.0.113.7');
    app.clock.advance(60);
    const laptop = await loginFrom(email, 'Laptop/2.0', '2001:db8::9');

    const [first, second, ...rest] = await list(phone.access_token);
    expect(rest).toEqual([]);
    expect(first).toMatchObject({ user_agent: 'Laptop/2.0', address: '2001:db8::9', current: false });
    expect(second).toMatchObject({ user_agent: 'Phone/1.0', address: '203.0.113.7', current: true });
    const secondsOf = (time: string) => Math.floor(Date.parse(time) / 1000);
    expect(secondsOf(first!.expires_at) - secondsOf(first!.created_at)).toBe(180 * 86_400);
    expect(Date.parse(first!.expires_at) % 1000).toBe(0);
    const me = await app.http.get('/auth/me', { token: phone.access_token });
    expect(second!.id).toBe(me.body['sid']);

    app.clock.advance(120);
    const headers = { 'x-forwarded-for': '198.51.100.4' };
    await app.http.post('/auth/refresh', { refresh_token: phone.refresh_token }, { headers });
    const [, used] = await list(laptop.access_token);
    expect(used).toMatchObject({ user_agent: 'Phone/1.0', address: '198.51.100.4', current: false });
    expect(Date.parse(used!.last_used_at) - Date.parse(used!.created_at)).toBeGreaterThanOrEqual(180_000);
  });

  it('sees all of very many in pages, while others come, go and are used, and how many there are', async () => {
    const { user, tokens } = await app.signedInUser();
    // As a program leaves them behind that signs in every minute.
    await app.dataSource.query(
      `INSERT INTO sessions (id, user_id, secret_hash, created_at, rotated_at, expires_at)
       SELECT gen_random_uuid(), $1, '\\x00', now(), now(), now() + interval '1 day'
       FROM generate_series(1, 980)`,
      [user.id],
    );
    const { access_token: token } = await app.login(user.email);
    const before = await app.dataSource.query<{ id: string }[]>('SELECT id FROM sessions WHERE user_id = $1', [
      user.id,
    ]);
    const seen: string[] = [];
    let cursor: string | null = '';
    let total = before.length;
    while (cursor !== null) {
      const path: string = `/sessions?limit=97${cursor && `&cursor=${cursor}`}`;
      const { body } = await app.http.get<{ items: Session[]; next_cursor: string | null; total: number }>(path, {
        token,
      });
      expect(body.total).toBe(total);
      seen.push(...body.items.map(({ id }) => id));
      cursor = body.next_cursor;
      // One that was not seen yet is used, and one more device signs in.
      const last = before.find(({ id }) => !seen.includes(shortUuid(id)));
      if (last) await app.dataSource.query('UPDATE sessions SET rotated_at = now() WHERE id = $1', [last.id]);
      await app.login(user.email);
      total += 1;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(before.filter(({ id }) => !seen.includes(shortUuid(id)))).toEqual([]);
    expect((await app.http.get<{ items: Session[] }>('/sessions', { token })).body.items).toHaveLength(20);
    expect(seen).toContain((await app.http.get('/auth/me', { token: tokens.access_token })).body['sid']);
  });

  it.each(['cursor=x', 'limit=0', 'limit=101', 'limit=1e1', 'page=2'])('is told that %s is wrong', async (query) => {
    const { tokens } = await app.signedInUser();
    expect(await app.http.get(`/sessions?${query}`, { token: tokens.access_token })).toMatchObject({ status: 400 });
  });

  it('sees a user agent of any length cut to size', async () => {
    const { email } = await app.createUser();
    const { access_token } = await loginFrom(email, 'M'.repeat(2000), '203.0.113.7');
    expect((await list(access_token))[0]!.user_agent).toBe('M'.repeat(256));
  });

  it('signs one device out: its tokens die, the others live', async () => {
    const { user, tokens } = await app.signedInUser();
    const lost = await app.login(user.email);
    const lostId = (await list(tokens.access_token)).find(({ current }) => !current)!.id;
    expect((await app.http.delete(`/sessions/${lostId}`, { token: tokens.access_token })).status).toBe(204);

    expect(await app.http.get('/auth/me', { token: lost.access_token })).toMatchObject({
      status: 401,
      body: { code: 'token_revoked' },
    });
    expect((await app.http.post('/auth/refresh', { refresh_token: lost.refresh_token })).status).toBe(401);
    expect(await list(tokens.access_token)).toHaveLength(1);
    const again = await app.http.delete(`/sessions/${lostId}`, { token: tokens.access_token });
    expect(again).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it('signs its own device out', async () => {
    const { tokens } = await app.signedInUser();
    const [own] = await list(tokens.access_token);
    expect((await app.http.delete(`/sessions/${own!.id}`, { token: tokens.access_token })).status).toBe(204);
    expect((await app.http.get('/auth/me', { token: tokens.access_token })).status).toBe(401);
  });

  it('signs all other devices out', async () => {
    const { user, tokens } = await app.signedInUser();
    const others = [await app.login(user.email), await app.login(user.email)];
    const ended = await app.http.delete('/sessions', { token: tokens.access_token });
    expect(ended).toMatchObject({ status: 200, body: { ended: 2 } });
    for (const { access_token: token, refresh_token } of others) {
      expect((await app.http.get('/auth/me', { token })).status).toBe(401);
      expect((await app.http.post('/auth/refresh', { refresh_token })).status).toBe(401);
    }
    expect(await list(tokens.access_token)).toMatchObject([{ current: true }]);
    expect((await app.http.post('/auth/refresh', { refresh_token: tokens.refresh_token })).status).toBe(200);
  });

  it("cannot touch somebody else's device, nor learn that it exists", async () => {
    const alice = await app.signedInUser();
    const bob = await app.signedInUser();
    const [device] = await list(bob.tokens.access_token);
    const token = alice.tokens.access_token;
    const foreign = await app.http.delete(`/sessions/${device!.id}`, { token });
    const unknown = await app.http.delete('/sessions/AZnzoFwefDqfZC9vPB2Leg', { token });
    const garbage = await app.http.delete('/sessions/nonsense', { token });
    for (const answer of [foreign, unknown, garbage]) {
      expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
    expect((await app.http.get('/auth/me', { token: bob.tokens.access_token })).status).toBe(200);
    expect(await list(bob.tokens.access_token)).toHaveLength(1);
  });
});
