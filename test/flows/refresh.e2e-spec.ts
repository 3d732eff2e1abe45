import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { TestApp } from '../support/create-app.js';

const THEFT = { status: 401, body: { code: 'refresh_token_reused' } };

describe('a person stays signed in', () => {
  let app: TestApp;
  let first: TokenResponse;
  beforeAll(async () => void (app = await TestApp.start({ RATE_LIMITS: 'false', LOG_LEVEL: 'warn' })));
  beforeEach(async () => void (first = (await app.signedInUser()).tokens));
  afterAll(() => app.close());

  const refresh = (refresh_token: string) => app.http.post<TokenResponse>('/auth/refresh', { refresh_token });
  const next = async (tokens: TokenResponse): Promise<TokenResponse> => {
    const answer = await refresh(tokens.refresh_token);
    expect(answer.status).toBe(200);
    return answer.body;
  };
  const statusOfMe = async ({ access_token: token }: TokenResponse) =>
    (await app.http.get('/auth/me', { token })).status;
  /** Those of the tokens that still open anything. */
  const alive = async (...tokens: TokenResponse[]): Promise<TokenResponse[]> => {
    const open = [];
    for (const one of tokens) {
      if ((await statusOfMe(one)) === 200 || (await refresh(one.refresh_token)).status === 200) open.push(one);
    }
    return open;
  };

  it('over a chain of refreshes; every token has its form, and none comes twice', async () => {
    const chain = [first];
    for (let n = 0; n < 5; n++) {
      app.clock.advance(500);
      chain.push(await next(chain.at(-1)!));
      expect(await statusOfMe(chain.at(-1)!)).toBe(200);
    }
    for (const { refresh_token, token_type, expires_in } of chain) {
      expect(refresh_token).toMatch(/^csr_[\w-]{70}$/);
      expect({ token_type, expires_in }).toEqual({ token_type: 'Bearer', expires_in: 600 });
    }
    expect(new Set(chain.flatMap((tokens) => [tokens.refresh_token, tokens.access_token])).size).toBe(12);
  });

  it('a refresh does not kill the access token of before', async () => {
    const second = await next(first);
    const third = await next(second);
    for (const tokens of [first, second, third]) expect(await statusOfMe(tokens)).toBe(200);
  });

  it('the token of before, sent again within a minute, brings the very same successor', async () => {
    const second = await next(first);
    await app.ageRotations(50);
    const replayed = await next(first);
    expect(replayed.refresh_token).toBe(second.refresh_token);
    expect(await statusOfMe(replayed)).toBe(200);
    const third = await next(replayed);
    expect(await statusOfMe(third)).toBe(200);
  });

  it('20 tabs that refresh at the same moment all get one and the same successor', async () => {
    for (let round = 0; round < 5; round++) {
      const { tokens } = await app.signedInUser();
      const answers = await Promise.all(Array.from({ length: 20 }, () => next(tokens)));
      expect(new Set(answers.map(({ refresh_token }) => refresh_token)).size).toBe(1);
      expect(await statusOfMe(await next(answers[7]!))).toBe(200);
    }
  });

  it('the token of before, sent again later, is theft: the session ends', async () => {
    const second = await next(first);
    await app.ageRotations(61);
    expect(await refresh(first.refresh_token)).toMatchObject(THEFT);
    expect(await alive(first, second)).toEqual([]);
  });

  it('the token of before is theft at once where its successor has been used', async () => {
    const second = await next(first);
    const third = await next(second);
    expect(await refresh(first.refresh_token)).toMatchObject(THEFT);
    expect(await alive(first, second, third)).toEqual([]);
  });

  it('an older ancestor is theft, and the log says whose', async () => {
    const { user, tokens } = await app.signedInUser();
    let latest = tokens;
    for (let n = 0; n < 3; n++) latest = await next(latest);
    expect(await refresh(tokens.refresh_token)).toMatchObject(THEFT);
    expect(await alive(latest)).toEqual([]);
    const events = app.logLines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const theft = events.findLast(({ event }) => event === 'refresh_token_reused');
    expect(theft).toMatchObject({ user_id: user.id, presented: 0, current: 3 });
  });

  it.each([
    ['no token of ours', 'garbage'],
    ['a token of another server', `csr_${'k'.repeat(69)}A`],
    ['an access token', null],
  ])('%s refreshes nothing', async (_, token) => {
    const answer = await refresh(token ?? first.access_token.slice(0, 250));
    expect(answer).toMatchObject({ status: 401, body: { code: 'refresh_token_invalid' } });
  });

  it.each([
    ['prefix', 0],
    ['session', 6],
    ['generation', 27],
    ['secret', 40],
    ['MAC', 66],
    ['unused bits', 73],
  ])('a token with another %s is refused', async (_, position) => {
    const token = first.refresh_token;
    // The very next character of base64url: in the last place it differs in bits that decode to nothing.
    const other = { A: 'B', Q: 'R', g: 'h', w: 'x' }[token[position]!] ?? 'A';
    const forged = token.slice(0, position) + other + token.slice(position + 1);
    expect(await refresh(forged)).toMatchObject({ status: 401, body: { code: 'refresh_token_invalid' } });
    expect((await refresh(token)).status).toBe(200);
  });

  it.each([[{}], [{ refresh_token: null }], [{ refresh_token: ['csr_'] }], [{ refresh_token: 'x', scope: 'all' }]])(
    'a body such as %j is refused by its form',
    async (body) => {
      const answer = await app.http.post('/auth/refresh', body);
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    },
  );

  it('a user who was disabled gets nothing, in whatever order both arrive', async () => {
    const { tokens: admin } = await app.signedInAdmin();
    for (let round = 0; round < 20; round++) {
      const { user, tokens } = await app.signedInUser();
      const [refreshed, disabled] = await Promise.all([
        refresh(tokens.refresh_token),
        app.http.patch(`/users/${user.id}`, { status: 'disabled' }, { token: admin.access_token }),
      ]);
      expect(disabled.status).toBe(200);
      if (refreshed.status === 200) expect(await statusOfMe(refreshed.body)).toBe(401);
      else expect(refreshed).toMatchObject({ status: 401, body: { code: 'refresh_token_invalid' } });
    }
  });

  it('a user who is not active gets nothing, even where a session of theirs is left', async () => {
    const { user, tokens } = await app.signedInUser();
    const setStatus = (status: string) =>
      app.dataSource.query('UPDATE users SET status = $2 WHERE id = $1', [user.id, status]);
    await setStatus('disabled');
    expect(await refresh(tokens.refresh_token)).toMatchObject({ status: 401, body: { code: 'refresh_token_invalid' } });
    await setStatus('active');
    const second = await next(tokens);
    await setStatus('disabled');
    expect((await refresh(tokens.refresh_token)).status).toBe(401);
    expect((await refresh(second.refresh_token)).status).toBe(401);
  });

  it('what is stored of a session makes no refresh token', async () => {
    const bytes = Buffer.from(first.refresh_token.slice(4), 'base64url');
    const [secret, mac] = [bytes.subarray(20, 36), bytes.subarray(36)].map((part) => part.toString('hex'));
    const rows = await app.dataSource.query<{ row: string }[]>('SELECT sessions::text AS row FROM sessions');
    expect(rows.length).toBeGreaterThan(0);
    for (const { row } of rows) {
      expect(row).not.toContain(secret);
      expect(row).not.toContain(mac);
      expect(row).not.toContain('csr_');
    }
  });
});
