import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PASSWORD, TestApp } from '../support/create-app.js';
import type { Answer } from '../support/http-client.js';

const WRONG = 'wrong horse battery staple';

describe('guessing passwords faster than the limits count', () => {
  let app: TestApp;
  let networks = 0;
  let network: string;
  // One trusted proxy in front, so that a test can come from any network.
  beforeAll(async () => void (app = await TestApp.start({ TRUSTED_PROXIES: '127.0.0.1/32' })));
  afterAll(() => app.close());
  // Each has a site of its own, since accounts of one site are counted together, too.
  beforeEach(() => void (network = `198.51.${++networks}.7`));

  const login = (email: string, password: string, { from = network, cookie = '' } = {}) =>
    app.http.post<{ code?: string }>(
      '/auth/login',
      { email, password },
      {
        headers: { 'x-forwarded-for': from, ...(cookie && { cookie }) },
      },
    );
  const inParallel = <T>(count: number, work: (index: number) => Promise<T>) =>
    Promise.all(Array.from({ length: count }, (_, index) => work(index)));
  const withStatus = (answers: Answer<unknown>[], status: number) =>
    answers.filter((answer) => answer.status === status);
  /** How many attempts the service announces that it hears. */
  const quotaOf = ({ headers }: Answer<unknown>) =>
    Number(/;q=(\d+);/.exec(headers.get('ratelimit-policy') ?? '')?.[1]);
  const quota = async () => quotaOf(await login(`quota${network}@example.net`, WRONG, { from: '2001:db8:ffff::1' }));
  const exhaust = async (email: string) => {
    const answers = await inParallel((await quota()) + 1, () => login(email, WRONG));
    expect(withStatus(answers, 429)).toHaveLength(1);
  };
  const cookieOf = (answer: Answer<unknown>) => answer.headers.getSetCookie()[0]!.split(';')[0]!;

  it.each([50, 200])('%i at once from one network: a few are heard, the others are told to wait', async (count) => {
    const { email } = await app.createUser();
    const heard = await quota();
    expect(heard).toBeLessThanOrEqual(10);
    const answers = await inParallel(count, () => login(email, WRONG));
    expect(withStatus(answers, 401)).toHaveLength(heard);
    expect(withStatus(answers, 429)).toHaveLength(count - heard);
    for (const { headers, body } of withStatus(answers, 429) as Answer<{ code: string }>[]) {
      expect(body.code).toBe('rate_limited');
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      expect(headers.get('ratelimit')).toMatch(/^"login-(account|network)";r=0;t=\d+$/);
      expect(headers.get('ratelimit-policy')).toMatch(/^"login-(account|network)";q=\d+;w=\d+$/);
    }
  });

  it('200 at once from 200 networks: not one more', async () => {
    const { email } = await app.createUser();
    const heard = await quota();
    const answers = await inParallel(200, (index) => login(email, WRONG, { from: `203.0.113.${index}` }));
    expect(withStatus(answers, 401)).toHaveLength(heard);
    expect(withStatus(answers, 429)).toHaveLength(200 - heard);
    for (const { headers } of withStatus(answers, 429))
      expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(30);
  });

  it('other spellings of one address: not one more', async () => {
    const { email } = await app.createUser({ email: 'gro\u00df.u@example.com' });
    const heard = await quota();
    const fullWidth = email.replace('@', '\uff20').replace('u', '\uff55');
    const spellings = [
      email,
      email.toUpperCase(),
      email.replace('u', 'U'),
      fullWidth,
      email.replace('example', 'EXAMPLE'),
      email.replace('\u00df', 'ss'),
      email.replace('\u00df', '\u1e9e'),
    ];
    const answers = await inParallel(50, (index) =>
      login(spellings[index % spellings.length]!, WRONG, { from: `192.0.2.${index}` }),
    );
    expect(withStatus(answers, 401)).toHaveLength(heard);
    expect(withStatus(answers, 429)).toHaveLength(50 - heard);
  });

  it('the right password does not pass either, once attempts have run out', async () => {
    const { email } = await app.createUser();
    await exhaust(email);
    expect((await login(email, PASSWORD)).status).toBe(429);
    expect((await login(email, PASSWORD, { from: '203.0.113.77' })).status).toBe(429);
  });

  it('strangers do not lock the owner out of a device that has signed in before', async () => {
    const { email } = await app.createUser();
    const cookie = cookieOf(await login(email, PASSWORD));
    await inParallel(100, (index) => login(email, WRONG, { from: `203.0.113.${index}` }));
    expect((await login(email, PASSWORD, { from: '192.0.2.200' })).status).toBe(429);
    expect((await login(email, PASSWORD, { cookie })).status).toBe(200);
    // And it stays that way; nor has the owner's success opened the door to strangers.
    expect((await login(email, PASSWORD, { cookie })).status).toBe(200);
    expect((await login(email, WRONG, { from: '192.0.2.200' })).status).toBe(429);
  });

  it('not even strangers in the same network do', async () => {
    const { email } = await app.createUser();
    const cookie = cookieOf(await login(email, PASSWORD));
    await inParallel(100, () => login(email, WRONG));
    expect((await login(email, PASSWORD)).status).toBe(429);
    expect((await login(email, PASSWORD, { cookie })).status).toBe(200);
  });

  it('a device of another account, or a forged one, counts as a stranger', async () => {
    const [victim, attacker] = [await app.createUser(), await app.createUser()];
    const own = cookieOf(await login(attacker.email, PASSWORD));
    const [name, value] = own.split('=') as [string, string];
    await exhaust(victim.email);
    const cookies = [
      own,
      `${name}=${'A'.repeat(38)}`,
      `${name}=${value.slice(0, -1)}A`,
      `${name}=`,
      name,
      `${own}; ${own}`,
    ];
    for (const cookie of cookies) expect((await login(victim.email, PASSWORD, { cookie })).status, cookie).toBe(429);
  });

  it('a stolen device has few attempts, and they are its own', async () => {
    const { email } = await app.createUser();
    const [stolen, other] = [cookieOf(await login(email, PASSWORD)), cookieOf(await login(email, PASSWORD))];
    const answers = await inParallel(40, (index) =>
      login(email, WRONG, { cookie: stolen, from: `203.0.113.${index}` }),
    );
    expect(withStatus(answers, 401)).toHaveLength(quotaOf(answers[0]!));
    expect(quotaOf(answers[0]!)).toBeLessThanOrEqual(10);
    expect((await login(email, PASSWORD, { cookie: other })).status).toBe(200);
  });

  it('one network has fifty attempts over all accounts; a /64 of IPv6 is one network', async () => {
    const spray = (from: (index: number) => string) =>
      inParallel(70, (index) => login(`${network}-${index}@example.net`, WRONG, { from: from(index) }));
    for (const from of [() => network, (index: number) => `2001:db8:0:1:${(index * 97).toString(16)}::${index}`]) {
      const answers = await spray(from);
      expect(withStatus(answers, 401)).toHaveLength(50);
      expect(withStatus(answers, 429)).toHaveLength(20);
    }
    for (const from of ['2001:db8:0:1::1', '2001:DB8:0:1:ffff::', `::ffff:${network}`]) {
      expect((await login('x@example.net', WRONG, { from })).status, from).toBe(429);
    }
    for (const from of ['2001:db8:0:2::1', '2001:db8::1']) {
      expect((await login(`${from.length}@example.net`, WRONG, { from })).status, from).toBe(401);
    }
  });

  it('successes of one account buy no attempts against others', async () => {
    const own = await app.createUser();
    let heard = 0;
    for (let index = 0; index < 60; index++) {
      if ((await login(`sprayed${index}@example.net`, WRONG)).status === 401) heard++;
      if (heard <= 50 && index % 3 === 0) await login(own.email, PASSWORD);
    }
    expect(heard).toBe(50);
  });

  it('a stolen access token does not let the password be guessed at the password change', async () => {
    const { user } = await app.signedInUser();
    const { access_token: token } = await app.login(user.email);
    const change = (current_password: string) =>
      app.http.post(
        '/auth/password',
        { current_password, new_password: 'a new and better one' },
        { token, headers: { 'x-forwarded-for': network } },
      );
    const answers = await inParallel(50, () => change(WRONG));
    expect(withStatus(answers, 403)).toHaveLength(5);
    expect(withStatus(answers, 429)).toHaveLength(45);
    for (const { headers } of withStatus(answers, 429)) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await change(PASSWORD)).status).toBe(429);
  });
});
