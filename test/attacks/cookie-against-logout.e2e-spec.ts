import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../support/browser.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { Tally } from '../support/tally.js';

const ROUNDS = 40;
/** Races that run side by side, each on a session of its own. */
const AT_ONCE = 10;
const TABS = 6;

interface Scene {
  userId: string;
  browser: Browser;
  /** The same user on another device. */
  elsewhere: Browser;
}

describe('asking with a cookie at the moment in which its session ends', () => {
  let app: TestApp;
  let admin: string;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false', TRUSTED_PROXIES: '127.0.0.1/32' });
    admin = await app.adminToken();
  });
  afterAll(() => app.close());

  const ENDINGS: Record<string, (scene: Scene) => Promise<{ status: number }>> = {
    'logout in one tab': ({ browser }) => browser.post('/auth/logout'),
    'ending all others from another device': ({ elsewhere }) => elsewhere.send('DELETE', '/sessions'),
    'an administrator disabling the user': ({ userId }) =>
      app.http.patch(`/users/${userId}`, { status: 'disabled' }, { token: admin }),
    'signing in anew': async ({ browser }) => {
      const email = (await app.createUser()).email;
      return browser.post('/auth/login', { email, password: PASSWORD, transport: 'cookie' });
    },
  };

  const verdict = (browser: Browser) => browser.get('/gateway/verify', { headers: { 'x-forwarded-method': 'GET' } });
  const tabOf = ({ jar }: Browser) => {
    const tab = new Browser(app.http);
    for (const [name, value] of jar) tab.jar.set(name, value);
    return tab;
  };

  /** How often the cookie was exchanged, and how many tokens came of it before the end. */
  async function race(name: string, round: number): Promise<number> {
    const { id: userId, email } = await app.createUser();
    const scene = { userId, browser: new Browser(app.http), elsewhere: new Browser(app.http) };
    await scene.browser.signIn(email, PASSWORD);
    await scene.elsewhere.signIn(email, PASSWORD);
    const tabs = Array.from({ length: TABS }, () => tabOf(scene.browser));
    const tokens = new Set<string>();
    const asked = new Tally();
    let acknowledged = false;
    const ask = async (tab: Browser) => {
      // The end may be acknowledged while the answer is on its way; what counts is what is asked after it.
      while (!acknowledged) {
        const { status, headers } = await verdict(tab);
        expect([200, 401]).toContain(status);
        const token = headers.get('authorization')?.slice('Bearer '.length);
        if (token) tokens.add(token);
        asked.add();
        if (status === 401) return;
      }
    };
    const end = async () => {
      // Some rounds hit the first exchange, which goes to the database, others the cached token.
      await asked.reached(round % 8);
      const { status } = await ENDINGS[name]!(scene);
      expect([200, 204]).toContain(status);
      acknowledged = true;
    };
    await Promise.all([...tabs.map(ask), end()]);
    // Nothing is admitted any more: not by the cookie, in however many tabs, nor by a token that was made of it.
    const after = await Promise.all(tabs.flatMap((tab) => [verdict(tab), tab.get('/auth/me')]));
    expect(after.map(({ status }) => status)).toEqual(after.map(() => 401));
    expect((await tabs[0]!.post('/auth/refresh')).status).toBe(401);
    for (const token of tokens) {
      expect((await app.http.get('/auth/me', { token })).status).toBe(401);
      expect((await app.http.get('/gateway/verify', { token })).status).toBe(401);
    }
    return tokens.size;
  }

  it.each(Object.keys(ENDINGS))('%s leaves nothing of it alive', async (name) => {
    const minted: number[] = [];
    for (let round = 0; round < ROUNDS; round += AT_ONCE) {
      minted.push(...(await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => race(name, round + index)))));
    }
    expect(minted).toHaveLength(ROUNDS);
    // Wherever a verdict was awaited first, a token was made before the end.
    expect(minted.filter((tokens) => tokens > 0).length).toBeGreaterThanOrEqual((ROUNDS * 7) / 8);
  });
});
