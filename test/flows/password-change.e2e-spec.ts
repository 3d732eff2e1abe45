import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashPassword } from '../../src/passwords/hashing/password-hash.js';
import { PASSWORD, TestApp } from '../support/create-app.js';

const NEXT = 'staple battery horse correct';

describe('a person changes their password', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ RATE_LIMITS: 'false' })));
  afterAll(() => app.close());

  const change = (token: string, new_password = NEXT, current_password = PASSWORD) =>
    app.http.post('/auth/password', { current_password, new_password }, { token });

  it('signs in with the new one from then on, and not with the old one', async () => {
    const { user, tokens } = await app.signedInUser();
    expect((await change(tokens.access_token)).status).toBe(204);
    await expect(app.login(user.email, PASSWORD)).rejects.toThrow('invalid_credentials');
    expect((await app.login(user.email, NEXT)).expires_in).toBe(600);
  });

  it('ends all other sessions at once, and keeps the one that asks', async () => {
    const { user, tokens } = await app.signedInUser();
    const others = [await app.login(user.email), await app.login(user.email)];
    expect((await change(tokens.access_token)).status).toBe(204);

    for (const { access_token: token, refresh_token } of others) {
      expect(await app.http.get('/auth/me', { token })).toMatchObject({ status: 401, body: { code: 'token_revoked' } });
      expect(await app.http.get('/users/me', { token })).toMatchObject({ status: 401 });
      expect(await app.http.post('/auth/refresh', { refresh_token })).toMatchObject({ status: 401 });
    }
    expect((await app.http.get('/auth/me', { token: tokens.access_token })).status).toBe(200);
    expect((await app.http.post('/auth/refresh', { refresh_token: tokens.refresh_token })).status).toBe(200);
  });

  it('must know the current one', async () => {
    const { user, tokens } = await app.signedInUser();
    const answer = await change(tokens.access_token, NEXT, 'not the current one');
    expect(answer).toMatchObject({ status: 403, body: { code: 'wrong_password' } });
    expect((await app.login(user.email)).expires_in).toBe(600);
  });

  it('must be signed in', async () => {
    const answer = await app.http.post('/auth/password', { current_password: PASSWORD, new_password: NEXT });
    expect(answer).toMatchObject({ status: 401, body: { code: 'token_missing' } });
  });

  it.each([
    ['too_short', 'short'],
    ['common', 'iloveyou1'],
    ['service_name', 'countersign1'],
  ])('is refused a new one that is %s', async (code, password) => {
    const { user, tokens } = await app.signedInUser();
    const answer = await change(tokens.access_token, password);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'new_password', code }] } });
    expect((await app.login(user.email)).expires_in).toBe(600);
  });

  it('is refused their own address as the new one', async () => {
    const { tokens } = await app.signedInUser({ email: 'margaret.hamilton@example.com' });
    const answer = await change(tokens.access_token, 'Margaret.Hamilton69');
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'new_password', code: 'email' }] } });
  });

  it('succeeds where the stored hash is of other parameters', async () => {
    const { user, tokens } = await app.signedInUser();
    const older = hashPassword(PASSWORD, { memoryKib: 8192, passes: 1, parallelism: 1 });
    await app.dataSource.query('UPDATE passwords SET hash = $2 WHERE user_id = $1', [user.id, older]);
    expect((await change(tokens.access_token)).status).toBe(204);
    expect((await app.login(user.email, NEXT)).expires_in).toBe(600);
  });

  it('wins or loses whole: of three changes at the same moment exactly one takes effect', async () => {
    for (let round = 0; round < 30; round++) {
      const { user, tokens } = await app.signedInUser();
      const wanted = [`first wish of round ${round}`, `second wish of round ${round}`, `third wish of round ${round}`];
      const answers = await Promise.all(wanted.map((password) => change(tokens.access_token, password)));
      const winners = wanted.filter((_, index) => answers[index]!.status === 204);
      expect(winners).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 403)).toHaveLength(2);
      for (const password of [PASSWORD, ...wanted]) {
        const { status } = await app.http.post('/auth/login', { email: user.email, password });
        expect(status).toBe(password === winners[0] ? 200 : 401);
      }
    }
  });

  it('leaves no session of the old password behind, however a login races with it', async () => {
    for (let round = 0; round < 15; round++) {
      const { user, tokens } = await app.signedInUser();
      const [changed, ...logins] = await Promise.all([
        change(tokens.access_token),
        ...Array.from({ length: 3 }, () =>
          app.http.post<{ access_token: string }>('/auth/login', { email: user.email, password: PASSWORD }),
        ),
      ]);
      expect(changed.status).toBe(204);
      for (const { status, body } of logins) {
        if (status === 200) expect((await app.http.get('/auth/me', { token: body.access_token })).status).toBe(401);
      }
      const { body } = await app.http.get('/sessions', { token: tokens.access_token });
      expect((body as unknown as { items: unknown[] }).items).toHaveLength(1);
    }
  });
});
