import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { OldSystem } from '../support/old-system.js';

const WRONG = 'wrong horse battery staple';
const TIMEOUT_MS = 1000;

describe('finding out who has an account or has moved yet, by a login while there is a password hook', () => {
  let app: TestApp;
  let old: OldSystem;
  beforeAll(async () => {
    old = await OldSystem.start();
    // One trusted proxy in front, so that every sequence can come from a network of its own.
    app = await TestApp.start({
      ...old.settings,
      PASSWORD_HOOK_TIMEOUT: `${TIMEOUT_MS / 1000}s`,
      TRUSTED_PROXIES: '127.0.0.1/32',
    });
  });
  beforeEach(() => old.forget());
  afterAll(async () => {
    await app.close();
    await old.stop();
  });

  let networks = 0;
  const attempts = async () => ({
    'an unknown address': 'nobody@example.com',
    'one that has moved': (await app.createUser()).email,
    'one that has not': (await app.createUser({ password: undefined })).email,
    'a disabled one': (await app.createUser({ status: 'disabled' })).email,
    'an administrator without password': (await app.createUser({ password: undefined, roles: ['admin'] })).email,
  });
  const guess = async (email: string, signal: AbortSignal | null = null) => {
    const began = performance.now();
    const answer = await fetch(`${app.http.baseUrl}/auth/login`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-request-id': 'the-same-for-all',
        'x-forwarded-for': `203.0.113.${++networks % 250}`,
      },
      body: JSON.stringify({ email, password: WRONG }),
      signal,
    });
    const headers = [...answer.headers].filter(([name]) => name !== 'date' && name !== 'ratelimit');
    return { status: answer.status, headers, text: await answer.text(), elapsedMs: performance.now() - began };
  };

  it.each([
    ['it answers at once', 401, () => ({ body: '{"valid":false}' })],
    ['it is broken', 503, () => ({ status: 502, body: '' })],
    ['it never answers', 503, () => new Promise<never>(() => undefined)],
  ])(
    'shows nothing while %s: the same answer, one question, and never before the time is over',
    async (_, status, answer) => {
      const shown: object[] = [];
      for (const [, email] of Object.entries(await attempts())) {
        old.forget();
        old.answer = answer;
        const { elapsedMs, ...rest } = await guess(email);
        // Timers count whole milliseconds.
        expect(elapsedMs).toBeGreaterThanOrEqual(TIMEOUT_MS - 2);
        expect(old.requests).toHaveLength(1);
        shown.push(rest);
      }
      expect(shown[0]).toMatchObject({ status });
      for (const other of shown) expect(other).toEqual(shown[0]);
    },
  );

  it.each([
    ['one that has moved', 'is away', () => app.createUser()],
    ['one that has moved', 'answers', () => app.createUser()],
    ['one that has not', 'is away', () => app.createUser({ password: undefined })],
  ])(
    'every guess at %s counts while the old system %s, also of those who hang up before the answer',
    async (_, state, person) => {
      const { email } = await person();
      old.answer = () => (state === 'answers' ? { body: '{"valid":false}' } : { status: 500, body: '' });
      const callers = Array.from({ length: 10 }, () => new AbortController());
      const guesses = callers.map(({ signal }) => guess(email, signal).catch(() => null));
      await vi.waitFor(() => expect(old.requests).toHaveLength(10), { timeout: 20_000 });
      for (const caller of callers.slice(0, 5)) caller.abort();
      await Promise.all(guesses);
      expect((await guess(email)).status).toBe(429);
      const { status } = await app.http.post('/auth/login', { email, password: PASSWORD });
      expect(status).toBe(429);
    },
  );
});
