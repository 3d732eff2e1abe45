import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Browser, SAME_ORIGIN } from '../support/browser.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { signInAs } from '../support/sign-in.js';
import type { Answer } from '../support/http-client.js';

describe('attempts are limited, and callers see by how much', () => {
  let app: TestApp;
  let address: string;
  let networks = 0;
  // A trusted proxy in front, so that every test comes from a network of its own.
  beforeAll(async () => void (app = await TestApp.start({ TRUSTED_PROXIES: '127.0.0.1' })));
  beforeEach(() => void (address = `203.0.113.${++networks}`));
  afterAll(() => app.close());

  const post = (path: string, body: object, token?: string) =>
    app.http.post(path, body, { token, headers: { 'x-forwarded-for': address } });
  /** What an answer announces: the policy and how many attempts are left. */
  const announced = ({ headers }: Answer<unknown>): [policy: string | null, left: number] => {
    const left = /^"[\w-]+";r=(\d+);t=\d+$/.exec(headers.get('ratelimit') ?? '')?.[1];
    return [headers.get('ratelimit-policy'), Number(left)];
  };
  /** The refusal after so many attempts that were none. */
  const refusalAfter = async (attempts: number, send: (n: number) => Promise<Answer<unknown>>) => {
    for (let n = 0; n < attempts; n++) {
      const { status } = await send(n);
      if (status === 429) throw new Error(`refused after ${n}`);
    }
    return refusalOf(await send(attempts));
  };
  const refusalOf = (answer: Answer<unknown>) => {
    const { status, headers, body } = answer;
    const retryAfter = Number(headers.get('retry-after'));
    const agrees = headers.get('ratelimit')?.endsWith(`;r=0;t=${retryAfter}`);
    const inBounds = retryAfter >= 1 && retryAfter <= 3600;
    return {
      status,
      ...(body as { code: string }),
      policy: headers.get('ratelimit-policy'),
      retryAfter,
      agrees,
      inBounds,
    };
  };
  const refusedBy = (policy: string) =>
    expect.objectContaining({ status: 429, code: 'rate_limited', policy, agrees: true, inBounds: true });

  it('a login tells how many are left, counting down with every failure', async () => {
    const { email } = await app.createUser();
    const fail = () => post('/auth/login', { email, password: 'wrong horse' });
    expect(announced(await fail())).toEqual(['"login-account";q=10;w=900', 9]);
    expect(announced(await fail())).toEqual(['"login-account";q=10;w=900', 8]);
    expect(announced(await post('/auth/login', { email, password: PASSWORD }))).toEqual([
      '"login-account";q=10;w=900',
      7,
    ]);
    expect(announced(await fail())).toEqual(['"login-account";q=10;w=900', 9]);
  });

  it('logins of one account', async () => {
    const { email } = await app.createUser();
    const fail = () => post('/auth/login', { email, password: 'wrong horse' });
    const refusal = await refusalAfter(10, fail);
    expect(refusal).toEqual(refusedBy('"login-account";q=10;w=900'));
    expect(refusal.retryAfter).toBe(30);
    expect(refusalOf(await post('/auth/login', { email: email.toUpperCase(), password: PASSWORD }))).toEqual(
      refusedBy('"login-account";q=10;w=900'),
    );
  });

  it('logins of an account that does not exist, all the same', async () => {
    const fail = () => post('/auth/login', { email: 'nobody@example.com', password: 'wrong horse' });
    expect(await refusalAfter(10, fail)).toEqual(refusedBy('"login-account";q=10;w=900'));
  });

  it('logins of one network', async () => {
    const fail = (n: number) => post('/auth/login', { email: `nobody${n}@example.com`, password: 'wrong horse' });
    expect(await refusalAfter(50, fail)).toEqual(refusedBy('"login-network";q=50;w=300'));
  });

  it('registrations of one network', async () => {
    const register = (n: number) => post('/auth/register', { email: `reg${n}@example.com`, password: PASSWORD });
    expect(announced(await register(0))).toEqual(['"register-account";q=5;w=3600', 4]);
    expect(await refusalAfter(19, (n) => register(n + 1))).toEqual(refusedBy('"register-network";q=20;w=3600'));
  });

  it('registrations of one address, from wherever they come', async () => {
    const register = () => {
      address = `203.0.113.${++networks}`;
      return post('/auth/register', { email: 'wanted@example.com', password: PASSWORD });
    };
    expect(await refusalAfter(5, register)).toEqual(refusedBy('"register-account";q=5;w=3600'));
  });

  it('refreshes of one network that are no tokens of ours', async () => {
    const guess = () => post('/auth/refresh', { refresh_token: 'nonsense' });
    expect(announced(await guess())).toEqual(['"refresh-network";q=300;w=60', 299]);
    expect(await refusalAfter(299, guess)).toEqual(refusedBy('"refresh-network";q=300;w=60'));
  });

  it('refreshes of one network by cookies that are none of ours, and of one session that is over', async () => {
    const refresh = (cookie: string) =>
      app.http.post('/auth/refresh', undefined, {
        headers: { 'x-forwarded-for': address, ...SAME_ORIGIN, cookie: `countersign=${cookie}` },
      });
    const forged = await refusalAfter(300, () => refresh('A'.repeat(64)));
    expect(forged).toMatchObject({ status: 429, policy: expect.stringMatching(/^"refresh-network"/) as string });

    address = `203.0.113.${++networks}`;
    const browser = new Browser(app.http);
    const cookie = await browser.signIn((await app.createUser()).email, PASSWORD);
    await browser.post('/auth/logout');
    const over = await refusalAfter(60, () => refresh(cookie));
    expect(over).toMatchObject({ status: 429, policy: expect.stringMatching(/^"refresh-session"/) as string });
  });

  it('refreshes of one session that fail', async () => {
    const { user, tokens } = await app.signedInUser();
    await post('/auth/logout', { refresh_token: tokens.refresh_token });
    const late = () => post('/auth/refresh', { refresh_token: tokens.refresh_token });
    expect(announced(await late())).toEqual(['"refresh-session";q=60;w=60', 59]);
    expect(await refusalAfter(59, late)).toEqual(refusedBy('"refresh-session";q=60;w=60'));
    expect((await post('/auth/refresh', { refresh_token: (await app.login(user.email)).refresh_token })).status).toBe(
      200,
    );
  });

  it('password changes of one account', async () => {
    const { tokens } = await app.signedInUser();
    const body = { current_password: 'wrong horse', new_password: 'another good pass phrase' };
    const guess = () => post('/auth/password', body, tokens.access_token);
    expect(announced(await guess())).toEqual(['"password-account";q=5;w=900', 4]);
    expect(await refusalAfter(4, guess)).toEqual(refusedBy('"password-account";q=5;w=900'));
    const right = { ...body, current_password: PASSWORD };
    expect(refusalOf(await post('/auth/password', right, tokens.access_token))).toEqual(
      refusedBy('"password-account";q=5;w=900'),
    );
  });

  it('honest people do not notice: sixty weak new passwords after the right one, and then a good one', async () => {
    const { tokens } = await app.signedInUser();
    const change = (current_password: string, new_password: string) =>
      post('/auth/password', { current_password, new_password }, tokens.access_token);
    for (let n = 0; n < 60; n++) {
      expect(await change(PASSWORD, 'password1')).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    }
    // Between them, wrong ones still add up.
    for (let n = 0; n < 4; n++) expect((await change('wrong horse', 'another good pass phrase')).status).toBe(403);
    expect((await change(PASSWORD, 'another good pass phrase')).status).toBe(204);
  });

  it('password changes of one network', async () => {
    const people: string[] = [];
    for (let n = 0; n < 11; n++) {
      const user = await app.createUser({ password: undefined });
      const device = { userAgent: null, address };
      people.push((await signInAs(app, user, device)).access_token);
    }
    const body = { current_password: 'wrong horse', new_password: 'another good pass phrase' };
    const guess = (n: number) => post('/auth/password', body, people[Math.floor(n / 5)]);
    expect(await refusalAfter(50, guess)).toEqual(refusedBy('"password-network";q=50;w=300'));
  });

  it('honest people do not notice: 55 logins and as many refreshes from one network', async () => {
    const { email } = await app.createUser();
    for (let n = 0; n < 55; n++) {
      const login = await post('/auth/login', { email, password: PASSWORD });
      expect(login.status).toBe(200);
      expect((await post('/auth/refresh', { refresh_token: login.body['refresh_token'] })).status).toBe(200);
    }
  });
});
