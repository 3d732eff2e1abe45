import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PasswordHasher } from '../../src/passwords/password-hasher.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { Gate } from '../support/gate.js';

// Of "correct horse".
const FOREIGN = '$2b$04$mkESvV3LB9EIhIF6nFx8kOjpzkEbs/mhlIen7ZpophRXLEe7jiyVW';

describe('a rush of people whose hashes were brought along', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({
      RATE_LIMITS: 'false',
      PASSWORD_HASH_CONCURRENCY: '1',
      PASSWORD_HASH_QUEUE: '0',
    });
  });
  afterAll(() => app.close());

  it('does not refuse one whose password was right, only since there is no time to replace the hash', async () => {
    const { id, email } = await app.createUser({ password: undefined, passwordHash: FOREIGN });
    const other = await app.createUser();
    const storedHash = async () => {
      const rows = await app.dataSource.query<{ hash: string }[]>('SELECT hash FROM passwords WHERE user_id = $1', [
        id,
      ]);
      return rows[0]!.hash;
    };
    const hasher = app.app.get(PasswordHasher);
    const upgrade = Gate.before(hasher, 'upgrade');
    const login = app.login(email, 'correct horse');
    await upgrade.reached(1);
    // Somebody else takes the only thread, and keeps it.
    const threads: { perform(...given: never[]): Promise<unknown> } = hasher['threads'];
    const thread = Gate.before(threads, 'perform');
    const busy = app.login(other.email, PASSWORD);
    await thread.reached(1);
    upgrade.open();
    try {
      expect((await login).expires_in).toBeGreaterThan(0);
      expect(await storedHash()).toBe(FOREIGN);
    } finally {
      thread.open();
      await busy;
    }

    await app.login(email, 'correct horse');
    expect(await storedHash()).toMatch(/^\$argon2id\$/);
  });
});
