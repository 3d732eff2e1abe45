import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { PasswordHasher } from '../../src/passwords/password-hasher.js';
import { Config } from '../../src/platform/config/config.js';
import { Database } from '../../src/platform/database/database.js';
import { PASSWORD, TestApp } from '../support/create-app.js';

/** What an attacker tries who wants to know which addresses have an account. */
async function attemptsAgainst(app: TestApp) {
  const active = await app.createUser();
  const disabled = await app.createUser({ status: 'disabled' });
  const temporary = await app.createUser({ mustChange: true });
  const passwordless = await app.createUser({ password: undefined });
  return {
    'unknown address': { email: 'nobody@example.com', password: 'wrong horse battery staple' },
    'wrong password': { email: active.email, password: 'wrong horse battery staple' },
    'disabled, right password': { email: disabled.email, password: PASSWORD },
    'disabled, wrong password': {
      email: (await app.createUser({ status: 'disabled' })).email,
      password: 'wrong horse',
    },
    'temporary, wrong password': { email: temporary.email, password: 'wrong horse battery staple' },
    'no password': { email: passwordless.email, password: 'wrong horse battery staple' },
  };
}

type Attempts = Awaited<ReturnType<typeof attemptsAgainst>>;

describe('finding out who has an account, by the answer to a login', () => {
  let app: TestApp;
  let attempts: Attempts;
  beforeAll(async () => {
    // One trusted proxy in front, so that every sequence can come from a network of its own.
    app = await TestApp.start({ TRUSTED_PROXIES: '127.0.0.1/32' });
    attempts = await attemptsAgainst(app);
  });
  afterAll(() => app.close());

  // Seconds do not pass while we ask.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => vi.useRealTimers());

  /** The whole answer but the date. */
  const login = async (body: object, requestId: string, network: string) => {
    const request = { 'x-request-id': requestId, 'x-forwarded-for': network };
    const answer = await app.http.post('/auth/login', body, { headers: request });
    const headers = [...answer.headers].filter(([name]) => name !== 'date');
    return {
      status: answer.status,
      headers,
      text: answer.text,
    };
  };

  it('shows nothing: status, headers and body are the same, attempt after attempt, also when they run out', async () => {
    const sequences = new Map<string, Awaited<ReturnType<typeof login>>[]>();
    for (const [name, body] of Object.entries(attempts)) {
      const sequence = [];
      for (let attempt = 0; attempt < 13; attempt++) {
        sequence.push(await login(body, `enumeration-${attempt}`, `203.0.113.${sequences.size}`));
      }
      sequences.set(name, sequence);
    }
    const reference = sequences.get('unknown address')!;
    const statuses = reference.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(statuses.indexOf(429)).toBe(statuses.lastIndexOf(401) + 1);
    expect(reference[0]!.text).toContain('"invalid_credentials"');
    expect(Object.fromEntries(reference[0]!.headers)).toHaveProperty('ratelimit');
    for (const [name, sequence] of sequences) {
      expect({ name, sequence }).toEqual({ name, sequence: reference });
      for (const { headers } of sequence) expect(headers.map(([header]) => header)).not.toContain('set-cookie');
    }
  });
});

// What takes the same time does the same work. How alike the times are is a figure, which depends on the machine.
describe('finding out who has an account, by what a login costs', () => {
  let app: TestApp;
  let attempts: Attempts;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    attempts = await attemptsAgainst(app);
  });
  afterAll(() => app.close());
  afterEach(() => vi.restoreAllMocks());

  /** The statements and hashes that a login asks for: of a hash its parameters, and how many forms of the password. */
  async function workOf(body: object) {
    const statements = vi.spyOn(app.app.get(Database), 'execute');
    const hashes = vi.spyOn(app.app.get(PasswordHasher)['threads'], 'perform');
    expect((await app.http.post('/auth/login', body)).status).toBe(401);
    const work = {
      // Beside those of work that goes on in the background.
      statements: statements.mock.calls
        .map(([{ name }]) => name)
        .filter((name) => /^(credential|password)_/.test(name)),
      hashes: hashes.mock.calls.map(([task, hash, forms]) => {
        return [task, /^\$argon2id\$v=19\$[^$]+\$/.exec(hash)?.[0], forms?.length];
      }),
    };
    vi.restoreAllMocks();
    return work;
  }

  it.each([
    ['as it is', (password: string) => password, 1],
    // Such a password is worth a try in two forms.
    ['that changes under NFKC', (text: string) => text.replace('c', '\uff43').replace('w', '\uff57'), 2],
  ])('shows nothing: each password %s costs one statement and what a wrong one costs', async (_, spell, forms) => {
    const { hashMemoryKib, hashPasses, hashParallelism } = app.app.get(Config);
    const cost = `$argon2id$v=19$m=${hashMemoryKib},t=${hashPasses},p=${hashParallelism}$`;
    for (const [name, body] of Object.entries(attempts)) {
      const work = await workOf({ ...body, password: spell(body.password) });
      const expected = { statements: ['credential_by_email'], hashes: [['verify', cost, forms]] };
      expect({ name, work }).toEqual({ name, work: expected });
    }
  });
});
