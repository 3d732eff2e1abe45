import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { personalToken, tokenIn, verdictOn } from '../support/api-keys.js';
import { PASSWORD, TestApp } from '../support/create-app.js';

const NOBODY = '0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a';

describe('an administrator looks after users', () => {
  let app: TestApp;
  let token: string;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    token = await app.adminToken();
  });
  afterAll(() => app.close());

  const patch = (id: string, changes: object) => app.http.patch(`/users/${id}`, changes, { token });
  const isRefused = async (accessToken: string) =>
    expect(await app.http.get('/auth/me', { token: accessToken })).toMatchObject({
      status: 401,
      body: { code: 'token_revoked' },
    });

  it('brings roles along as another system spells them, everywhere alike', async () => {
    const roles = ['ROLE_ADMIN', 'Orders:Approver', 'ADMIN', 'a'.repeat(32)];
    const body = { email: 'brought-along@example.com', password: PASSWORD, roles };
    expect(await app.http.post('/users', body, { token })).toMatchObject({ status: 201, body: { roles } });
    const { access_token } = await app.login(body.email);
    expect((await app.http.get('/auth/me', { token: access_token })).body).toMatchObject({ roles });
    const verdict = await app.http.get('/gateway/verify?role=ROLE_ADMIN&role=Orders:Approver', { token: access_token });
    expect([verdict.status, verdict.headers.get('x-auth-roles')]).toEqual([200, roles.join(',')]);
    // Case counts: nobody becomes an administrator by a spelling.
    for (const path of ['/gateway/verify?role=role_admin', '/gateway/verify?role=admin', '/users'])
      expect((await app.http.get(path, { token: access_token })).status).toBe(403);
    expect((await app.http.get('/users?role=ROLE_ADMIN', { token })).body).toMatchObject({ items: [{ roles }] });
    expect((await app.http.get('/users?role=Role_Admin', { token })).body).toMatchObject({ items: [] });
    const selection = { role: 'ROLE_ADMIN', dry_run: true };
    expect((await app.http.post('/revocations', selection, { token })).body).toMatchObject({ sessions: 1, users: 1 });
  });

  it('is told how many and how long roles may be', async () => {
    const messageTo = async (roles: string[]) => {
      const { body } = await app.http.post('/users', { email: 'roles@example.com', roles }, { token });
      return (body as unknown as { errors: { message: string }[] }).errors[0]!.message;
    };
    expect(await messageTo(Array.from({ length: 17 }, (_, n) => `r${n}`))).toBe('roles must be 16 names at most');
    expect(await messageTo(['two words'])).toMatch(/^roles must be names of 1 to 32 characters, a letter and then/);
    expect(await messageTo(['user', 'user'])).toBe('roles must name each role once');
  });

  it('creates one with a password, who signs in with it', async () => {
    const body = {
      email: 'Bob@Example.com',
      password: PASSWORD,
      display_name: 'Bob',
      locale: 'fr',
      roles: ['user', 'orders:approver'],
    };
    const created = await app.http.post<{ id: string }>('/users', body, { token });
    expect(created.status).toBe(201);
    const { password: _, ...shown } = body;
    expect(created.body).toMatchObject({ ...shown, status: 'active' });
    const { access_token } = await app.login('bob@example.com');
    expect(await app.http.get('/auth/me', { token: access_token })).toMatchObject({
      body: { sub: created.body.id, roles: ['user', 'orders:approver'] },
    });
  });

  it('creates one without a password, who cannot sign in', async () => {
    const created = await app.http.post<{ id: string }>('/users', { email: 'nopass@example.com' }, { token });
    expect(created).toMatchObject({ status: 201, body: { roles: ['user'], status: 'active', display_name: null } });
    for (const password of [PASSWORD, 'null', 'undefined', '-']) {
      await expect(app.login('nopass@example.com', password)).rejects.toThrow('invalid_credentials');
    }
    const rows = await app.dataSource.query('SELECT 1 FROM passwords WHERE user_id = $1', [created.body.id]);
    expect(rows).toEqual([]);
  });

  it('creates one who is disabled, and cannot sign in before they are enabled', async () => {
    const body = { email: 'later@example.com', password: PASSWORD, status: 'disabled' };
    const created = await app.http.post<{ id: string }>('/users', body, { token });
    await expect(app.login('later@example.com')).rejects.toThrow('invalid_credentials');
    expect((await patch(created.body.id, { status: 'active' })).status).toBe(200);
    expect((await app.login('later@example.com')).expires_in).toBe(600);
  });

  it('is refused an address that is taken, and a password against the policy', async () => {
    const { email } = await app.createUser();
    const twin = await app.http.post('/users', { email: email.toUpperCase() }, { token });
    expect(twin).toMatchObject({ status: 409, body: { code: 'email_taken' } });
    const weak = await app.http.post('/users', { email: 'weak@example.com', password: 'letmein123' }, { token });
    expect(weak).toMatchObject({ status: 400, body: { errors: [{ field: 'password', code: 'common' }] } });
  });

  it.each([
    ['roles', { roles: ['two words'] }],
    ['roles', { roles: ['a,b'] }],
    ['roles', { roles: ['1st'] }],
    ['roles', { roles: ['ä'] }],
    ['roles', { roles: [' admin'] }],
    ['roles', { roles: ['a'.repeat(33)] }],
    ['roles', { roles: Array.from({ length: 17 }, (_, n) => `r${n}`) }],
    ['roles', { roles: 'admin' }],
    ['roles', { roles: ['user', 'user'] }],
    ['roles', { roles: [''] }],
    ['roles', { roles: null }],
    ['status', { status: 'gone' }],
    ['status', { status: null }],
    ['email', { email: 'nowhere' }],
    ['email', { email: null }],
    ['email_verified', { email_verified: 'yes' }],
    ['id', { id: '5c0f6f5e-9d0b-4c39-8a52-7f6c1f7f0a11' }],
    ['password', { password: PASSWORD }],
  ])('is told that %s is wrong in %j', async (field, changes) => {
    const user = await app.createUser();
    const answer = await patch(user.id, changes);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ field }] } });
  });

  it('reads one and changes their name', async () => {
    const user = await app.createUser({ displayName: 'Before' });
    expect(await app.http.get(`/users/${user.id}`, { token })).toMatchObject({
      status: 200,
      body: { id: user.id, email: user.email, display_name: 'Before' },
    });
    expect(await patch(user.id, { locale: 'es' })).toMatchObject({ body: { locale: 'es', display_name: 'Before' } });
    expect(await patch(user.id, { display_name: 'After' })).toMatchObject({
      status: 200,
      body: { display_name: 'After', roles: ['user'], status: 'active' },
    });
    expect(await app.http.get(`/users/${user.id.toUpperCase()}`, { token })).toMatchObject({
      body: { display_name: 'After' },
    });
  });

  it('disables one: sessions and access tokens end at once; enabled again, they sign in anew', async () => {
    const { user, tokens } = await app.signedInUser();
    const second = await app.login(user.email);
    expect(await patch(user.id, { status: 'disabled' })).toMatchObject({ status: 200, body: { status: 'disabled' } });
    for (const { access_token, refresh_token } of [tokens, second]) {
      await isRefused(access_token);
      expect(await app.http.post('/auth/refresh', { refresh_token })).toMatchObject({
        status: 401,
        body: { code: 'refresh_token_invalid' },
      });
    }
    await expect(app.login(user.email)).rejects.toThrow('invalid_credentials');

    expect((await patch(user.id, { status: 'active' })).status).toBe(200);
    await isRefused(tokens.access_token);
    expect((await app.http.post('/auth/refresh', { refresh_token: tokens.refresh_token })).status).toBe(401);
    const { access_token } = await app.login(user.email);
    expect((await app.http.get('/auth/me', { token: access_token })).status).toBe(200);
  });

  it('disables one and ends the sessions in one transaction: both are committed, or neither is', async () => {
    const { user, tokens } = await app.signedInUser();
    await app.dataSource.query(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'disk full'; END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON revocations FOR EACH ROW EXECUTE FUNCTION refuse()`);
    expect((await patch(user.id, { status: 'disabled' })).status).toBe(500);
    expect((await app.http.delete(`/users/${user.id}`, { token })).status).toBe(500);
    await app.dataSource.query('DROP TRIGGER refuse ON revocations; DROP FUNCTION refuse()');

    expect(await app.http.get(`/users/${user.id}`, { token })).toMatchObject({ body: { status: 'active' } });
    expect((await app.http.get('/auth/me', { token: tokens.access_token })).status).toBe(200);
    expect((await app.http.post('/auth/refresh', { refresh_token: tokens.refresh_token })).status).toBe(200);
  });

  it('takes a role away: the tokens that carry it die at once, and the next refresh states the rest', async () => {
    const { user, tokens } = await app.signedInUser({ roles: ['user', 'admin'] });
    expect((await app.http.get('/users', { token: tokens.access_token })).status).toBe(200);
    expect(await patch(user.id, { roles: ['user'] })).toMatchObject({ body: { roles: ['user'] } });
    await isRefused(tokens.access_token);
    const { status, body } = await app.http.post<TokenResponse>('/auth/refresh', {
      refresh_token: tokens.refresh_token,
    });
    expect(status).toBe(200);
    const { access_token } = await app.login(user.email);
    for (const fresh of [body.access_token, access_token]) {
      expect((await app.http.get('/auth/me', { token: fresh })).status).toBe(200);
      expect((await app.http.get('/users', { token: fresh })).status).toBe(403);
    }
  });

  it('gives a role: the next refresh brings it, and nobody is signed out', async () => {
    const { user, tokens } = await app.signedInUser();
    await patch(user.id, { roles: ['user', 'admin'] });
    expect((await app.http.get('/users', { token: tokens.access_token })).status).toBe(403);
    const { body } = await app.http.post('/auth/refresh', { refresh_token: tokens.refresh_token });
    expect((await app.http.get('/users', { token: body['access_token'] })).status).toBe(200);
  });

  it('gives one another address: their sessions end, and the new address is the one to sign in with', async () => {
    const { user, tokens } = await app.signedInUser();
    await patch(user.id, { email_verified: true });
    const email = `moved-${user.email}`;
    const answer = await patch(user.id, { email, display_name: 'Moved' });
    expect(answer).toMatchObject({ status: 200, body: { email, display_name: 'Moved', email_verified_at: null } });
    await isRefused(tokens.access_token);
    expect((await app.http.post('/auth/refresh', { refresh_token: tokens.refresh_token })).status).toBe(401);
    expect((await app.http.post('/auth/login', { email: user.email, password: PASSWORD })).status).toBe(401);
    const { access_token } = await app.login(email);
    expect((await app.http.get('/auth/me', { token: access_token })).body).toMatchObject({ email });
  });

  it('gives nobody the address of another, and then changes nothing', async () => {
    const [{ user, tokens }, { user: other }] = [await app.signedInUser(), await app.signedInUser()];
    const taken = await patch(user.id, { email: other.email.toUpperCase(), display_name: 'x' });
    expect(taken).toMatchObject({ status: 409, body: { code: 'email_taken' } });
    expect((await app.http.get('/users/me', { token: tokens.access_token })).body).toMatchObject({
      email: user.email,
      display_name: null,
    });
  });

  it('corrects the spelling of an address: nobody is signed out, and what was verified stays so', async () => {
    const { user, tokens } = await app.signedInUser();
    const { body: verified } = await patch(user.id, { email_verified: true });
    expect(verified['email_verified_at']).toEqual(expect.any(String));
    const email = user.email.replace('user', 'User');
    const { email_verified_at } = verified;
    expect(await patch(user.id, { email, email_verified: true })).toMatchObject({ body: { email, email_verified_at } });
    expect((await app.http.get('/auth/me', { token: tokens.access_token })).status).toBe(200);
    expect(await patch(user.id, { email_verified: false })).toMatchObject({ body: { email_verified_at: null } });
  });

  it('takes an address and roles at once: tokens of API keys that state the former roles are refused', async () => {
    const { user, tokens } = await app.signedInUser({ roles: ['user', 'approver'] });
    const key = await personalToken(app, tokens.access_token, { with_roles: true });
    const before = tokenIn(await verdictOn(app.http, key.api_key));
    await patch(user.id, { email: `other-${user.email}`, roles: ['user'] });
    await isRefused(before);
  });

  it('brings one along with id, time of creation and a verified address', async () => {
    const brought = { id: '5c0f6f5e-9d0b-4c39-8a52-7f6c1f7f0a11', created_at: '2021-04-01T12:00:00.000Z' };
    const body = { email: 'brought@example.com', email_verified: true, ...brought };
    const created = await app.http.post('/users', body, { token });
    const email_verified_at = expect.any(String) as string;
    expect(created).toMatchObject({ status: 201, body: { ...brought, email_verified_at } });
    expect((await app.http.get(`/users/${brought.id}`, { token })).body).toMatchObject(brought);
    const again = await app.http.post('/users', { ...body, email: 'another@example.com' }, { token });
    expect(again).toMatchObject({ status: 409, body: { code: 'id_taken' } });
  });

  it.each([
    { id: 'BOB' },
    { id: '5C0F6F5E-9D0B-4C39-8A52-7F6C1F7F0A11' },
    { id: null },
    { created_at: 'yesterday' },
    { created_at: '2999-01-01T00:00:00Z' },
    { email_verified: 'yes' },
  ])('brings nobody along with %j', async (fields) => {
    const answer = await app.http.post('/users', { email: 'nobody-yet@example.com', ...fields }, { token });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });

  it('ends the sessions of one, who may sign in again', async () => {
    const { user, tokens } = await app.signedInUser();
    await app.login(user.email);
    const ended = await app.http.delete(`/users/${user.id}/sessions`, { token });
    expect(ended).toMatchObject({ status: 200, body: { ended: 2 } });
    await isRefused(tokens.access_token);
    expect(await app.http.delete(`/users/${user.id}/sessions`, { token })).toMatchObject({ body: { ended: 0 } });
    expect((await app.login(user.email)).expires_in).toBe(600);
  });

  it('deletes one: their tokens end at once, and the address is free', async () => {
    const { user, tokens } = await app.signedInUser();
    expect((await app.http.delete(`/users/${user.id}`, { token })).status).toBe(204);
    await isRefused(tokens.access_token);
    expect((await app.http.post('/auth/refresh', { refresh_token: tokens.refresh_token })).status).toBe(401);
    expect((await app.http.get(`/users/${user.id}`, { token })).status).toBe(404);
    expect((await app.http.post('/users', { email: user.email }, { token })).status).toBe(201);
  });

  it.each([NOBODY, 'not-a-uuid', '1', '%00'])('finds nobody under the id %s', async (id) => {
    const notFound = { status: 404, body: { code: 'not_found' } };
    expect(await app.http.get(`/users/${id}`, { token })).toMatchObject(notFound);
    expect(await patch(id, { display_name: 'x' })).toMatchObject(notFound);
    expect(await app.http.delete(`/users/${id}`, { token })).toMatchObject(notFound);
    expect(await app.http.delete(`/users/${id}/sessions`, { token })).toMatchObject(notFound);
  });
});
