import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PasswordHasher } from '../../src/passwords/password-hasher.js';
import { soon } from '../flows/service-process.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { Gate } from '../support/gate.js';

const WRONG = 'wrong horse battery staple';

describe('hanging up before the answer to a login', () => {
  let app: TestApp;
  /** Callers of whom the service has noticed that they are gone. */
  let hungUp = 0;
  beforeAll(async () => {
    app = await TestApp.start({
      PASSWORD_HASH_CONCURRENCY: '1',
      PASSWORD_HASH_DEADLINE: '60s',
      // Dear hashes, of which a thread is given few in advance, however fast the machine is.
      PASSWORD_HASH_MEMORY_KIB: '65536',
    });
    app.app.getHttpServer().on('request', (_, response) => {
      response.once('close', () => (hungUp += Number(!response.writableFinished)));
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
  /** Hashes begin, and none ends before the gate is opened. */
  const holdHashes = () => Gate.before(app.app.get(PasswordHasher)['threads'], 'perform');
  const empty = async () => expect(await soon(() => pool().inFlight === 0 && pool().queued === 0)).toBe(true);

  it.each([
    ['as it is', WRONG],
    ['in a form that is hashed twice', WRONG.replace('w', '\uff57')],
  ])('a guess %s counts once it is being tested', async (_, guess) => {
    const { email } = await app.createUser();
    for (let attempt = 0; attempt < 10; attempt++) {
      const [caller, before] = [new AbortController(), hungUp];
      const gate = holdHashes();
      const answer = login(email, guess, caller.signal).catch(() => 'hung up');
      await gate.reached(1);
      caller.abort();
      expect(await answer).toBe('hung up');
      expect(await soon(() => hungUp === before + 1)).toBe(true);
      gate.open();
      await empty();
    }
    // Refused before any hash.
    for (const password of [guess, guess, PASSWORD]) expect((await login(email, password)).status).toBe(429);
  });

  it('frees the place in the queue at once, so that nobody waits behind callers who are gone', async () => {
    const gate = holdHashes();
    const callers = new AbortController();
    const answers = Array.from({ length: 30 }, (_, index) =>
      login(`gone${index}@example.net`, WRONG, callers.signal).catch(() => 'hung up'),
    );
    // Some are refused for what their network has tried before.
    expect(await soon(() => pool().queued >= 10)).toBe(true);
    callers.abort();
    await Promise.all(answers);
    // No hash had to end for that.
    expect(await soon(() => pool().queued === 0)).toBe(true);
    expect(pool().inFlight).toBeGreaterThan(0);
    gate.open();
    await empty();
  });
});
