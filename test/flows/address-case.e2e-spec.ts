import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lowerCaseEmail } from '../../src/common/email.js';
import { uuidv7 } from '../../src/common/uuid.js';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { createDatabase } from '../support/database.js';

interface Problem {
  code: string;
}

describe('an address whose letters differ in case alone', () => {
  let app: TestApp;
  let database: Awaited<ReturnType<typeof createDatabase>>;

  const start = async () => {
    app = await TestApp.start({ DATABASE_URL: database.url, RATE_LIMITS: 'false', LOG_LEVEL: 'warn' });
  };
  /** An account as a version before case folding writes it. */
  async function formerUser(email: string): Promise<string> {
    const id = uuidv7(Date.now());
    await app.dataSource.query(
      'INSERT INTO users (id, email, email_canonical, created_at, updated_at) VALUES ($1, $2, $3, now(), now())',
      [id, email, lowerCaseEmail(email)],
    );
    await app.dataSource.query(
      `INSERT INTO passwords (user_id, hash, updated_at)
       SELECT $1, p.hash, now() FROM passwords AS p JOIN users AS u ON u.id = p.user_id WHERE u.email = 'template@example.com'`,
      [id],
    );
    return id;
  }
  /** The id of the account that the address signs in to; null where there is none. */
  async function accountOf(email: string): Promise<string | null> {
    const { status, body } = await app.http.post<TokenResponse>('/auth/login', { email, password: PASSWORD });
    return status === 200 ? decodeToken<{ sub: string }>(body.access_token).claims.sub : null;
  }
  const register = (email: string) => app.http.post<Problem>('/auth/register', { email, password: PASSWORD });

  beforeAll(async () => {
    database = await createDatabase();
    await start();
    await app.createUser({ email: 'template@example.com' });
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  it.each([
    ['stra\u00dfe@example.com', ['STRASSE@EXAMPLE.COM', 'strasse@example.com', 'STRA\u1e9eE@example.com']],
    ['\u03c3\u03bf\u03c6\u03cc\u03c2@example.gr', ['\u03a3\u039f\u03a6\u038c\u03a3@example.gr']],
    ['\u0130pek@example.com', ['i\u0307pek@example.com']],
  ])('%s is one account in every spelling', async (email, spellings) => {
    const { id } = await app.createUser({ email });
    expect(await accountOf(email)).toBe(id);
    for (const spelling of spellings) {
      expect(await accountOf(spelling)).toBe(id);
      expect(await register(spelling)).toMatchObject({ status: 409, body: { code: 'email_taken' } });
    }
  });

  it('a letter without a dot is another letter', async () => {
    await app.createUser({ email: 'irene@example.com' });
    expect(await accountOf('\u0131rene@example.com')).toBeNull();
  });

  it('two registrations at once make one account, whatever their spelling', async () => {
    for (let round = 0; round < 30; round++) {
      const answers = await Promise.all(
        ['\u00df', 'ss', 'SS', '\u1e9e'].map((letter) => register(`ma${letter}e${round}@example.com`)),
      );
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409, 409]);
    }
  });

  it('accounts of a previous version are found by it at once, and after a start in every spelling', async () => {
    const alone = await formerUser('f\u00fc\u00dfe@example.com');
    expect(await accountOf('f\u00fc\u00dfe@example.com')).toBe(alone);
    await app.close();
    await start();
    expect(await accountOf('F\u00dcSSE@example.com')).toBe(alone);
    expect(app.logLines.filter((line) => line.includes(alone))).toEqual([]);
  });

  it('accounts of a previous version that differ in case alone both sign in, and each start says which they are', async () => {
    const first = await formerUser('weiss@example.com');
    const second = await formerUser('wei\u00df@example.com');
    for (let starts = 0; starts < 2; starts++) {
      await app.close();
      await start();
      expect(await accountOf('weiss@example.com')).toBe(first);
      expect(await accountOf('WEISS@example.com')).toBe(first);
      expect(await accountOf('wei\u00df@example.com')).toBe(second);
      expect(app.logLines.filter((line) => line.includes(second))).toHaveLength(1);
      expect(app.logLines.join()).not.toContain('example.com');
    }
  });

  it('an administrator finds them by either spelling', async () => {
    const { user } = await app.signedInUser({ email: '\u03bf\u03b4\u03cc\u03c2@example.gr' });
    const { tokens } = await app.signedInAdmin();
    for (const search of ['\u03bf\u03b4\u03cc\u03c2', '\u039f\u0394\u038c\u03a3', '\u039f\u0394\u038c']) {
      const { body } = await app.http.get<{ items: { id: string }[] }>(`/users?search=${encodeURIComponent(search)}`, {
        token: tokens.access_token,
      });
      expect(body.items.map(({ id }) => id)).toEqual([user.id]);
    }
  });
});
import { decodeToken } from '../support/decode-token.js';
