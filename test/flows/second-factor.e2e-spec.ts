import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { PASSWORD, type TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';
import { Mailbox, tokenIn } from '../support/mailbox.js';
import { Authenticator, firstStep, type MfaRequired } from '../support/second-factor.js';
import { ServiceAccount } from '../support/service-account.js';

const NEXT = 'nine purple umbrellas';

describe('somebody signs in with a second factor', () => {
  let mailbox: Mailbox;
  let app: TestApp;
  beforeAll(async () => {
    mailbox = await Mailbox.start({ RATE_LIMITS: 'false', LOG_LEVEL: 'info' });
    ({ app } = mailbox);
  });
  afterAll(() => mailbox.close());

  const person = async () => {
    const { user, tokens } = await app.signedInUser({ emailVerified: true });
    return { user, token: tokens.access_token, phone: await Authenticator.setUp(app, tokens.access_token) };
  };
  const login = (email: string, password = PASSWORD) => firstStep(app, email, password);
  const byTotp = (mfa_token: string, code: string) =>
    app.http.post<TokenResponse & { code: string }>('/auth/mfa/totp', { mfa_token, code });
  const byRecoveryCode = (mfa_token: string, code: string) =>
    app.http.post<TokenResponse & { code: string }>('/auth/mfa/recovery-code', { mfa_token, code });
  const signedIn = async (email: string, phone: Authenticator) => {
    const { body } = await byTotp((await login(email)).body.mfa_token, phone.code());
    app.clock.advance(30);
    return body.access_token;
  };

  it('sets up an app by a secret or a QR code, which counts from the first code on', async () => {
    const { user, tokens } = await app.signedInUser({ emailVerified: true });
    const token = tokens.access_token;
    const made = await app.http.post<{ id: string; secret: string; otpauth_uri: string; qr_svg: string }>(
      '/mfa/totp',
      { name: 'Phone' },
      { token },
    );
    expect(made.body.secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(made.body.otpauth_uri).toContain(`:${encodeURIComponent(user.email)}?secret=${made.body.secret}&`);
    expect(made.body.qr_svg).toMatch(/^<svg /);
    expect((await login(user.email)).status).toBe(200);
    const wrong = await app.http.post(`/mfa/totp/${made.body.id}/confirm`, { code: '000000' }, { token });
    expect(wrong).toMatchObject({ status: 400, body: { code: 'second_factor_invalid' } });
    const { body } = await app.http.get<{ factors: object[] }>('/mfa', { token });
    expect(body).toMatchObject({
      factors: [{ id: made.body.id, type: 'totp', name: 'Phone', confirmed_at: null }],
      recovery_codes: 0,
    });
    expect(JSON.stringify(body)).not.toContain(made.body.secret);
    // One that was never confirmed is replaced by the next.
    const phone = await Authenticator.setUp(app, token);
    const after = await app.http.get('/mfa', { token });
    expect(after.body).toMatchObject({ factors: [{ id: phone.id, confirmed_at: expect.any(String) }] });
    expect((await login(user.email)).body.code).toBe('mfa_required');
    expect(app.logLines.join()).not.toContain(made.body.secret);
  });

  it('needs a verified address before: nobody keeps the owner of an address out by a factor', async () => {
    const { user, tokens } = await app.signedInUser();
    const answer = await app.http.post('/mfa/totp', {}, { token: tokens.access_token });
    expect(answer).toMatchObject({ status: 403, body: { code: 'email_not_verified' } });
    expect((await login(user.email)).status).toBe(200);
  });

  it('by password and code, and the token says so', async () => {
    const { user, phone } = await person();
    const first = await login(user.email);
    expect(first).toMatchObject({ status: 401, body: { code: 'mfa_required', methods: ['totp'], expires_in: 300 } });
    expect(first.headers.get('set-cookie')).toBeNull();
    const second = await byTotp(first.body.mfa_token, phone.code());
    expect(second.status).toBe(200);
    expect(decodeToken(second.body.access_token).claims).toMatchObject({ acr: 'aal2', amr: ['pwd', 'otp'] });
    const refreshed = await app.http.post<TokenResponse>('/auth/refresh', { refresh_token: second.body.refresh_token });
    expect(decodeToken(refreshed.body.access_token).claims).toMatchObject({ acr: 'aal2' });
  });

  it('in a browser with a cookie, in which alone the second step works', async () => {
    const { user, phone } = await person();
    const headers = { 'sec-fetch-site': 'same-origin' };
    const credentials = { email: user.email, password: PASSWORD, transport: 'cookie' };
    const first = await app.http.post<MfaRequired>('/auth/login', credentials, { headers });
    expect(first.body.code).toBe('mfa_required');
    const [cookie] = first.headers.getSetCookie();
    expect(cookie).toMatch(/^countersign-mfa=[\w-]{43}; Path=\/auth; Max-Age=300; HttpOnly; SameSite=Strict$/);
    const body = { mfa_token: first.body.mfa_token, code: phone.code() };
    expect((await app.http.post<MfaRequired>('/auth/mfa/totp', body, { headers })).body.code).toBe('mfa_token_invalid');
    const own = { ...headers, cookie: cookie!.split(';')[0]! };
    const crossSite = await app.http.post<MfaRequired>('/auth/mfa/totp', body, {
      headers: { ...own, 'sec-fetch-site': 'cross-site' },
    });
    expect(crossSite.body.code).toBe('csrf_refused');
    const second = await app.http.post('/auth/mfa/totp', body, { headers: own });
    expect(second).toMatchObject({ status: 200, body: { transport: 'cookie' } });
    expect(second.headers.getSetCookie().some((each) => each.startsWith('countersign='))).toBe(true);
  });

  it('with a recovery code in place of the phone, each once', async () => {
    const { user, token } = await person();
    const { body } = await app.http.post<{ codes: string[] }>('/mfa/recovery-codes', undefined, { token });
    expect(new Set(body.codes).size).toBe(10);
    expect(body.codes.every((code) => /^([a-z2-9]{4}-){3}[a-z2-9]{4}$/.test(code))).toBe(true);
    const first = (await login(user.email)).body;
    expect(first.methods).toEqual(['totp', 'recovery-code']);
    // As somebody types it from a sheet.
    const typed = body.codes[0]!.toUpperCase().replaceAll('-', ' ');
    expect((await byRecoveryCode(first.mfa_token, typed)).status).toBe(200);
    const again = await byRecoveryCode((await login(user.email)).body.mfa_token, body.codes[0]!);
    expect(again).toMatchObject({ status: 400, body: { code: 'second_factor_invalid' } });
    expect((await app.http.get('/mfa', { token })).body).toMatchObject({ recovery_codes: 9 });
    const renewed = await app.http.post<{ codes: string[] }>('/mfa/recovery-codes', undefined, { token });
    expect(renewed.body.codes).not.toContain(body.codes[1]);
    expect((await byRecoveryCode((await login(user.email)).body.mfa_token, body.codes[1]!)).status).toBe(400);
    expect((await app.dataSource.query('SELECT hash FROM recovery_codes')).length).toBeGreaterThan(0);
    expect(app.logLines.join()).not.toContain(body.codes[2]);
  });

  it('removes the app, and the password suffices again', async () => {
    const { user, phone } = await person();
    const token = await signedIn(user.email, phone);
    await app.http.post('/mfa/recovery-codes', undefined, { token });
    expect((await app.http.delete(`/mfa/${phone.id}`, { token })).status).toBe(204);
    expect((await login(user.email)).status).toBe(200);
    expect((await app.http.get('/mfa', { token })).body).toEqual({ factors: [], recovery_codes: 0 });
    const none = await app.http.post('/mfa/recovery-codes', undefined, { token });
    expect(none).toMatchObject({ status: 409, body: { code: 'no_second_factor' } });
  });

  it('is not asked for the password alone where a recent sign-in is needed', async () => {
    const { phone, user } = await person();
    const { body } = await byTotp((await login(user.email)).body.mfa_token, phone.code());
    app.clock.advance(700);
    const refreshed = await app.http.post<TokenResponse>('/auth/refresh', { refresh_token: body.refresh_token });
    const token = refreshed.body.access_token;
    const removal = await app.http.send('DELETE', `/mfa/${phone.id}`, { token, body: { current_password: PASSWORD } });
    expect(removal).toMatchObject({ status: 401, body: { code: 'insufficient_user_authentication' } });
  });

  it('is told by mail of every change', async () => {
    const { user, token, phone } = await person();
    const subject = 'Your second factor for';
    expect((await mailbox.newest(user.email, subject)).text.replaceAll(/\s+/g, ' ')).toContain(
      'was added to your account',
    );
    await app.http.post('/mfa/recovery-codes', undefined, { token });
    await app.http.delete(`/mfa/${phone.id}`, { token });
    const mails = (await mailbox.settled(user.email)).filter((mail) => mail.subject.startsWith(subject));
    const texts = mails.map(({ text }) => text.replaceAll(/\s+/g, ' '));
    expect(texts.map((text) => /was added|recovery codes|was removed/.exec(text)?.[0])).toEqual([
      'was removed',
      'recovery codes',
      'was added',
    ]);
  });

  it('keeps the second factor through a reset of the password', async () => {
    const { user, phone } = await person();
    await app.http.post('/auth/password/recovery', { email: user.email });
    const token = tokenIn(await mailbox.newest(user.email, 'Set a new password'));
    expect((await app.http.post('/auth/password/reset', { token, password: NEXT })).status).toBe(204);
    const first = await login(user.email, NEXT);
    expect(first.body.code).toBe('mfa_required');
    expect((await byTotp(first.body.mfa_token, phone.code())).status).toBe(200);
  });

  it('has ten apps at most', async () => {
    const { user, token } = await person();
    await app.dataSource.query(
      `INSERT INTO totp_factors (id, user_id, name, secret, created_at, confirmed_at)
       SELECT gen_random_uuid(), $1, 'another', '', now(), now() FROM generate_series(1, 9)`,
      [user.id],
    );
    const answer = await app.http.post('/mfa/totp', {}, { token });
    expect(answer).toMatchObject({ status: 409, body: { code: 'too_many_factors' } });
  });

  it('is let in by an administrator who removes all factors, and by a supporter; never to an administrator', async () => {
    const { user } = await person();
    const admin = await app.signedInAdmin();
    const adminPhone = await Authenticator.setUp(app, admin.tokens.access_token);
    const account = await ServiceAccount.create(app, admin.tokens.access_token, { scopes: ['users:write'] });
    const service = await account.token();
    expect((await app.http.delete(`/users/${admin.user.id}/mfa`, { token: service })).status).toBe(403);
    expect((await app.http.delete(`/users/${user.id}/mfa`, { token: service })).status).toBe(204);
    expect((await login(user.email)).status).toBe(200);
    expect((await login(admin.user.email)).body.code).toBe('mfa_required');
    expect((await byTotp((await login(admin.user.email)).body.mfa_token, adminPhone.code())).status).toBe(200);
  });
});
