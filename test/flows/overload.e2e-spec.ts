import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { signInAs } from '../support/sign-in.js';
import type { Answer } from '../support/http-client.js';

describe('more people sign in than the hashes allow', () => {
  let app: TestApp;
  let email: string;
  beforeAll(async () => {
    app = await TestApp.start({
      RATE_LIMITS: 'false',
      PASSWORD_HASH_CONCURRENCY: '1',
      PASSWORD_HASH_QUEUE: '2',
      PASSWORD_HASH_MEMORY_KIB: '65536',
      PASSWORD_HASH_PASSES: '5',
    });
    email = (await app.createUser()).email;
  });
  afterAll(() => app.close());

  const isOverloaded = ({ status, headers, body }: Answer<unknown>) => {
    expect({ status, body }).toMatchObject({ status: 503, body: { code: 'overloaded' } });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  };

  it('one is served, two wait, and all others hear at once when to come again', async () => {
    const inOrder: Answer<unknown>[] = [];
    await Promise.all(
      Array.from({ length: 10 }, () =>
        app.http.post('/auth/login', { email, password: PASSWORD }).then((answer) => inOrder.push(answer)),
      ),
    );
    for (const answer of inOrder.slice(0, 7)) isOverloaded(answer);
    expect(inOrder.slice(7).map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('whoever needs no hash is served meanwhile', async () => {
    const tokens = await signedIn(['user']);
    const order: string[] = [];
    const login = app.http.post('/auth/login', { email, password: PASSWORD }).then(() => order.push('login'));
    const others = [
      app.http.get('/auth/me', { token: tokens.access_token }),
      app.http.get('/users/me', { token: tokens.access_token }),
      app.http.post('/auth/refresh', { refresh_token: tokens.refresh_token }),
    ].map(async (request) => {
      expect((await request).status).toBe(200);
      order.push('other');
    });
    await Promise.all([login, ...others]);
    expect(order).toEqual(['other', 'other', 'other', 'login']);
  });

  it('also where a password is set, changed or guessed for nobody', async () => {
    const { access_token: token } = await signedIn(['user', 'admin']);
    const crowd = Array.from({ length: 4 }, () => app.http.post('/auth/login', { email, password: PASSWORD }));
    isOverloaded(await Promise.race(crowd));
    const late = await Promise.all([
      app.http.post('/auth/register', { email: 'late@example.com', password: PASSWORD }),
      app.http.post('/auth/password', { current_password: PASSWORD, new_password: `${PASSWORD}!` }, { token }),
      app.http.post('/users', { email: 'late@example.com', password: PASSWORD }, { token }),
      app.http.post('/auth/login', { email: 'nobody@example.com', password: PASSWORD }),
    ]);
    for (const answer of late) isOverloaded(answer);
    const served = (await Promise.all(crowd)).filter(({ status }) => status === 200);
    expect(served).toHaveLength(3);
    expect((await app.http.get('/users?search=late', { token })).body).toMatchObject({ items: [] });
  });

  const signedIn = async (roles: string[]) => {
    const user = await app.createUser({ roles, password: undefined });
    return signInAs(app, user);
  };
});
