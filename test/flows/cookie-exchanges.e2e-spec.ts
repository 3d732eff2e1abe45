import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { poolOf } from '../../src/platform/database/data-source.js';
import { uuidOf } from '../../src/common/uuid.js';
import { SessionsService } from '../../src/sessions/sessions.service.js';
import { ExchangedTokens } from '../../src/tokens/exchanged-tokens.js';
import { UsersService } from '../../src/users/users.service.js';
import { Browser, tokenIn } from '../support/browser.js';
import { BY_TEST } from '../support/cause.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';
import { soon } from './service-process.js';

describe('a cookie is exchanged for a token', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ RATE_LIMITS: 'false', TRUSTED_PROXIES: '127.0.0.1/32' })));
  afterAll(() => app.close());

  const signedIn = async (fields: Parameters<TestApp['createUser']>[0] = {}) => {
    const user = await app.createUser(fields);
    const browser = new Browser(app.http);
    await browser.signIn(user.email, PASSWORD);
    return { user, browser };
  };

  /** The statements on sessions and users that `work` makes the database run. */
  const statementsDuring = async (work: () => Promise<unknown>): Promise<string[]> => {
    const pool = poolOf(app.dataSource);
    const query = vi.spyOn(pool, 'query');
    await work();
    const statements = query.mock.calls.map(([statement]) => {
      const { name, text } = statement as unknown as { name?: string; text?: string };
      return name ?? text ?? '?';
    });
    query.mockRestore();
    return statements.filter((statement) => /session|user/.test(statement));
  };

  it('the second verdict asks no database, nor do a hundred at once more than one statement', async () => {
    const { browser } = await signedIn();
    const many = () => Promise.all(Array.from({ length: 100 }, () => browser.verdict()));
    let first: string | undefined;
    expect(
      await statementsDuring(async () => {
        const tokens = new Set((await many()).map(tokenIn));
        [first] = tokens;
        expect(tokens.size).toBe(1);
      }),
    ).toEqual(['session_touch']);
    const again = await statementsDuring(async () => expect(tokenIn(await browser.verdict())).toBe(first));
    expect(again).toEqual([]);
  });

  it('the token is renewed before it expires', async () => {
    const { browser } = await signedIn();
    const first = tokenIn(await browser.verdict());
    app.clock.advance(470);
    expect(tokenIn(await browser.verdict())).toBe(first);
    app.clock.advance(20);
    const second = await browser.verdict();
    expect(second.status).toBe(200);
    expect(tokenIn(second)).not.toBe(first);
  });

  it('the cookie of a session that is over asks the database once', async () => {
    const { browser } = await signedIn();
    const cookie = browser.session!;
    await browser.post('/auth/logout');
    browser.jar.set('countersign', cookie);
    await statementsDuring(() => browser.verdict());
    expect(await statementsDuring(async () => expect((await browser.verdict()).status).toBe(401))).toEqual([]);
  });

  it('the next request has the roles that were left, without another sign-in', async () => {
    const { user, browser } = await signedIn({ roles: ['user', 'auditor'] });
    const ask = (role: string) =>
      browser.get(`/gateway/verify?role=${role}`, { headers: { 'x-forwarded-method': 'GET' } });
    expect((await ask('auditor')).status).toBe(200);
    const before = tokenIn(await ask('user'));
    await app.app.get(UsersService).update(user.id, { roles: ['user'] }, BY_TEST);
    expect((await ask('auditor')).status).toBe(403);
    const after = await ask('user');
    expect(after.status).toBe(200);
    expect(tokenIn(after)).not.toBe(before);
    expect(after.headers.get('x-auth-roles')).toBe('user');
    expect((await app.http.get('/auth/me', { token: before })).status).toBe(401);
  });

  it('nobody is told off for an exchange that had begun before the roles changed', async () => {
    const { user, browser } = await signedIn({ roles: ['user', 'auditor'] });
    const before = tokenIn(await browser.verdict())!;
    const exchange = Promise.withResolvers<string>();
    await app.app.get(UsersService).update(user.id, { roles: ['user'] }, BY_TEST);
    const begun = app.app.get(ExchangedTokens).exchange('cookie', browser.session!, () => exchange.promise);
    const answer = browser.verdict();
    const isForgotten = () => app.app.get(ExchangedTokens).cached('cookie', browser.session!, () => true) === null;
    expect(await soon(isForgotten)).toBe(true);
    exchange.resolve(before);
    await begun;
    expect((await answer).status).toBe(200);
    expect((await answer).headers.get('x-auth-roles')).toBe('user');
  });

  it('several instances may exchange it at the same moment, while its user changes', async () => {
    const { user, browser } = await signedIn();
    const bytes = Buffer.from(browser.session!, 'base64url');
    const claim = { sessionId: uuidOf(bytes.subarray(0, 16)), secret: bytes.subarray(16, 32) };
    for (let round = 0; round < 10; round++) {
      const exchanges = Array.from({ length: 12 }, () => app.app.get(SessionsService).touch(claim, '203.0.113.9'));
      const change = app.app.get(UsersService).update(user.id, { displayName: `Alice ${round}` }, BY_TEST);
      expect(await Promise.all(exchanges)).not.toContain(null);
      await change;
    }
  });

  it('its device is listed with the address of its last exchange, as late as any clock has seen it', async () => {
    const { user, browser } = await signedIn();
    const [{ ahead }] = await app.dataSource
      .query<[{ ahead: Date }]>(
        `UPDATE sessions SET rotated_at = rotated_at + interval '4 s' WHERE user_id = $1 RETURNING rotated_at AS ahead`,
        [user.id],
      )
      .then(([rows]) => rows as unknown as [{ ahead: Date }]);
    const token = tokenIn(await browser.verdict({ 'x-forwarded-for': '203.0.113.9' }))!;
    const { iat } = decodeToken<{ iat: number }>(token).claims;
    expect(iat).toBeLessThanOrEqual(app.clock.seconds());
    const { body } = await browser.get<{ items: object[] }>('/sessions');
    expect(body.items).toEqual([
      expect.objectContaining({ address: '203.0.113.9', last_used_at: ahead.toISOString() }),
    ]);
  });
});
