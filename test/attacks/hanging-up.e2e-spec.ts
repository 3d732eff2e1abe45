import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PasswordHasher } from '../../src/passwords/password-hasher.js';
import { PASSWORD, TestApp } from '../support/create-app.js';

const WRONG = 'wrong horse battery staple';

describe('hanging up before the answer to a login', () => {
  let app: TestApp;
  // Dear hashes, one at a time: there is a middle to hang up in, and a queue.
  beforeAll(async () => {
    app = await TestApp.start({
      PASSWORD_HASH_MEMORY_KIB: '65536',
      PASSWORD_HASH_PASSES: '2',
      PASSWORD_HASH_CONCURRENCY: '1',
      PASSWORD_HASH_DEADLINE: '60s',
    });
  });
  afterAll(() => app.close());

  const pool = () => app.app.get(PasswordHasher)['pool'];
  const login = (email: string, password: string, signal: AbortSignal | null = null) =>
    fetch(`${app.http.baseUrl}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
      signal,
    });
  const until = (condition: () => boolean, timeout: number) =>
    vi.waitFor(() => expect(condition()).toBe(true), { timeout, interval: 2 });
  const empty = () => until(() => pool().inFlight === 0 && pool().queued === 0, 30_000);
  const idle = async () => {
    await empty();
    // Between two hashes of one attempt nothing runs either.
    await new Promise((resolve) => setTimeout(resolve, 30));
    await empty();
  };

  it.each([
    ['as it is', WRONG],
    ['in a form that is hashed twice', WRONG.replace('w', '\uff57')],
  ])('a guess %s counts once it is being tested', async (_, guess) => {
    const { email } = await app.createUser();
    await idle();
    for (let attempt = 0; attempt < 12; attempt++) {
      const caller = new AbortController();
      const answer = login(email, guess, caller.signal).then(
        ({ status }) => status,
        () => 'hung up',
      );
      // The last ones are refused before any hash.
      if (attempt < 10) await until(() => pool().inFlight > 0, 5_000);
      else await answer;
      caller.abort();
      expect(await answer).toBe(attempt < 10 ? 'hung up' : 429);
      await idle();
    }
    expect((await login(email, PASSWORD)).status).toBe(429);
  });

  it('frees the place in the queue at once, so that nobody waits behind callers who are gone', async () => {
    await idle();
    const timed = performance.now();
    expect((await login('nobody@example.net', WRONG)).status).toBe(401);
    const oneHash = performance.now() - timed;
    const callers = new AbortController();
    const answers = Array.from({ length: 30 }, (_, index) =>
      login(`gone${index}@example.net`, WRONG, callers.signal).catch(() => 'hung up'),
    );
    await until(() => pool().queued >= 20, 5_000);
    const before = performance.now();
    callers.abort();
    await Promise.all(answers);
    await empty();
    // The hash that runs may end; twenty behind it would take twenty times as long.
    expect((performance.now() - before) / oneHash).toBeLessThan(8);
  });
});
