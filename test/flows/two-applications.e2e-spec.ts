import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';

const EMAIL = 'alice@example.com';

describe('two applications in one process, each on a database of its own', () => {
  let apps: { app: TestApp; password: string }[];
  beforeAll(async () => {
    // In turn, so that the first one has been overtaken by the second before anybody asks it.
    const passwords = ['correct horse battery staple', 'another horse battery staple'];
    apps = [];
    for (const password of passwords) {
      const app = await TestApp.start({ RATE_LIMITS: 'false' });
      await app.createUser({ email: EMAIL, password });
      apps.push({ app, password });
    }
  });
  afterAll(async () => {
    for (const { app } of apps) await app.close();
  });

  it('each signs in its own people, and nobody by the password of the other', async () => {
    for (const { app } of apps) {
      for (const { password, app: its } of apps) {
        const { status } = await app.http.post('/auth/login', { email: EMAIL, password });
        expect(status).toBe(app === its ? 200 : 401);
      }
    }
  });

  it('each verifies its own tokens, and refuses those of the other', async () => {
    for (const { app: its, password } of apps) {
      const { access_token: token } = await its.login(EMAIL, password);
      for (const { app } of apps) {
        const { status } = await app.http.get('/auth/me', { token });
        expect(status).toBe(app === its ? 200 : 401);
      }
    }
  });

  it('everybody who signs in at the same time, at either, is the person that the token states', async () => {
    const people = await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        const { app } = apps[index % 2]!;
        return { app, user: await app.createUser() };
      }),
    );
    const subjects = await Promise.all(
      people.map(async ({ app, user }) => {
        const { access_token: token } = await app.login(user.email);
        return (await app.http.get<{ sub: string }>('/auth/me', { token })).body.sub;
      }),
    );
    expect(subjects).toEqual(people.map(({ user }) => user.id));
  });
});
