import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';

describe('a person looks after their profile', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start()));
  afterAll(() => app.close());

  it('reads what is stored', async () => {
    const { user, tokens } = await app.signedInUser({ email: 'Mia@Example.com', displayName: 'Mia' });
    const { status, body } = await app.http.get('/users/me', { token: tokens.access_token });
    expect(status).toBe(200);
    expect(body).toEqual({
      id: user.id,
      email: 'Mia@Example.com',
      display_name: 'Mia',
      locale: null,
      status: 'active',
      roles: ['user'],
      email_verified_at: null,
      created_at: user.createdAt.toISOString(),
      updated_at: user.updatedAt.toISOString(),
    });
  });

  it('changes the display name and clears it again', async () => {
    const { user, tokens } = await app.signedInUser();
    const token = tokens.access_token;
    app.clock.advance(5);
    const named = await app.http.patch('/users/me', { display_name: 'Zoë 🦊' }, { token });
    expect(named).toMatchObject({ status: 200, body: { display_name: 'Zoë 🦊' } });
    expect(Date.parse(named.body['updated_at']!)).toBeGreaterThan(user.updatedAt.getTime());
    expect(await app.http.get('/users/me', { token })).toMatchObject({ body: { display_name: 'Zoë 🦊' } });
    expect((await app.http.patch('/users/me', {}, { token })).body).toMatchObject({ display_name: 'Zoë 🦊' });
    expect((await app.http.patch('/users/me', { display_name: null }, { token })).body).toMatchObject({
      display_name: null,
    });
  });

  it('chooses the language of mail, and leaves it to the service again', async () => {
    const { tokens } = await app.signedInUser();
    const patch = (locale: unknown) => app.http.patch('/users/me', { locale }, { token: tokens.access_token });
    for (const locale of ['de', 'fr', null])
      expect(await patch(locale)).toMatchObject({ status: 200, body: { locale } });
    for (const locale of ['nl', 'de-AT', 'DE', '', 7, ['de']])
      expect(await patch(locale)).toMatchObject({ status: 400, body: { errors: [{ field: 'locale' }] } });
  });

  it.each([
    ['roles', ['admin']],
    ['status', 'disabled'],
    ['email', 'other@example.com'],
    ['id', '0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a'],
    ['email_verified_at', '2026-01-01T00:00:00Z'],
  ])('cannot change %s', async (field, value) => {
    const { user, tokens } = await app.signedInUser();
    const answer = await app.http.patch('/users/me', { [field]: value }, { token: tokens.access_token });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field, code: 'whitelist_validation' }] } });
    const { body } = await app.http.get('/users/me', { token: tokens.access_token });
    expect(body).toMatchObject({ id: user.id, email: user.email, roles: ['user'], status: 'active' });
  });

  it.each([
    ['empty', ''],
    ['too long', 'x'.repeat(101)],
    ['with a control character', 'a\u0000b'],
    ['ill-formed', '\ud800'],
    ['no text', 7],
  ])('is refused a display name that is %s', async (_, display_name) => {
    const { tokens } = await app.signedInUser();
    const answer = await app.http.patch('/users/me', { display_name }, { token: tokens.access_token });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'display_name' }] } });
  });

  it('deletes the account: nothing of it is left, and every token of it dies at once', async () => {
    const { user, tokens } = await app.signedInUser();
    const phone = await app.login(user.email);
    expect((await app.http.delete('/users/me', { token: tokens.access_token })).status).toBe(204);

    for (const { access_token: token, refresh_token } of [tokens, phone]) {
      expect(await app.http.get('/auth/me', { token })).toMatchObject({ status: 401, body: { code: 'token_revoked' } });
      const refresh = await app.http.post('/auth/refresh', { refresh_token });
      expect(refresh).toMatchObject({ status: 401, body: { code: 'refresh_token_invalid' } });
    }
    await expect(app.login(user.email)).rejects.toThrow('invalid_credentials');
    for (const [table, column] of [
      ['users', 'id'],
      ['passwords', 'user_id'],
      ['sessions', 'user_id'],
    ]) {
      expect(await app.dataSource.query(`SELECT 1 FROM ${table} WHERE ${column} = $1`, [user.id])).toEqual([]);
    }
    const again = await app.http.post('/auth/register', { email: user.email, password: 'another long pass phrase' });
    expect(again.status).toBe(201);
    expect(again.body).not.toMatchObject({ id: user.id });
  });
});
