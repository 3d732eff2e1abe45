import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { codeIn, Mailbox, tokenIn } from '../support/mailbox.js';

const CONFIRM = 'Confirm your address';
const EXISTS = 'You have an account';
const NEXT = 'nine purple umbrellas';

let persons = 0;
const somebody = () => `somebody${++persons}@example.com`;

/** What people do, at an application with a mailbox. */
const peopleOf = ({ app }: Mailbox) => ({
  register: (email: string, password = PASSWORD) => app.http.post('/auth/register', { email, password }),
  ask: (email: string) => app.http.post('/auth/email/verification', { email }),
  verify: (body: object) => app.http.post<{ code: string }>('/auth/email/verify', { password: PASSWORD, ...body }),
  login: (email: string, password = PASSWORD) =>
    app.http.post<{ code?: string; access_token: string }>('/auth/login', { email, password }),
  isVerified: async (email: string) => {
    const rows = await app.dataSource.query<{ email_verified_at: Date | null }[]>(
      'SELECT email_verified_at FROM users WHERE email = $1',
      [email],
    );
    return rows[0]?.email_verified_at instanceof Date;
  },
});

describe('somebody verifies the address, where that is optional', () => {
  let mailbox: Mailbox;
  let people: ReturnType<typeof peopleOf>;
  beforeAll(async () => {
    mailbox = await Mailbox.start({ RATE_LIMITS: 'false', LOG_LEVEL: 'info' });
    people = peopleOf(mailbox);
  });
  afterAll(() => mailbox.close());

  it('is sent a mail with the account, and signs in before', async () => {
    const email = somebody();
    expect(await people.register(email)).toMatchObject({ status: 201, body: { email, email_verified_at: null } });
    expect((await people.login(email)).status).toBe(200);
    const mail = await mailbox.newest(email, CONFIRM);
    expect(await people.verify({ token: tokenIn(mail) })).toMatchObject({ status: 204, text: '' });
    const { access_token: token } = (await people.login(email)).body;
    const me = await mailbox.app.http.get('/users/me', { token });
    expect(me.body).toMatchObject({ email_verified_at: expect.any(String) });
  });

  it('verifies by the code, and keeps the session that is open', async () => {
    const email = somebody();
    await people.register(email);
    const { access_token: token } = (await people.login(email)).body;
    const mail = await mailbox.newest(email, CONFIRM);
    expect((await people.verify({ email, code: codeIn(mail) })).status).toBe(204);
    expect(await people.isVerified(email)).toBe(true);
    expect((await mailbox.app.http.get('/auth/me', { token })).status).toBe(200);
  });

  it('shows the password of the account as well; neither a wrong one nor none uses the link up', async () => {
    const email = somebody();
    await people.register(email);
    const token = tokenIn(await mailbox.newest(email, CONFIRM));
    const none = await people.verify({ token, password: undefined });
    expect(none).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ field: 'password', code: 'required' }] },
    });
    expect(await people.verify({ token, password: NEXT })).toMatchObject({
      status: 403,
      body: { code: 'wrong_password' },
    });
    const both = await people.verify({ token, new_password: NEXT });
    expect(both).toMatchObject({ status: 400, body: { errors: [{ field: 'new_password', code: 'exclusive' }] } });
    expect(await people.isVerified(email)).toBe(false);
    expect((await people.verify({ token })).status).toBe(204);
  });

  it('needs none where the account has none', async () => {
    const { email } = await mailbox.app.createUser({ password: undefined });
    await people.ask(email);
    const token = tokenIn(await mailbox.newest(email, CONFIRM));
    expect((await people.verify({ token, password: undefined })).status).toBe(204);
    expect(await people.isVerified(email)).toBe(true);
  });

  it('asks for another mail, and each of them works once, for a day', async () => {
    const email = somebody();
    await people.register(email);
    await mailbox.mailsTo(email);
    expect(await people.ask(email)).toMatchObject({ status: 202, text: '' });
    const [second, first] = await mailbox.mailsTo(email, 2);
    expect((await people.verify({ token: tokenIn(second!) })).status).toBe(204);
    for (const mail of [first, second])
      expect(await people.verify({ token: tokenIn(mail!) })).toMatchObject({
        status: 410,
        body: { code: 'link_used' },
      });
    const other = somebody();
    await people.register(other);
    const late = await mailbox.newest(other, CONFIRM);
    mailbox.app.clock.advance(24 * 3600);
    expect((await people.verify({ token: tokenIn(late) })).body.code).toBe('link_expired');
  });

  it('is sent no mail where nothing awaits it, and the log says why', async () => {
    const verified = await mailbox.app.createUser({ emailVerified: true });
    const disabled = await mailbox.app.createUser({ status: 'disabled' });
    for (const [email, reason] of [
      [verified.email, 'the address is verified already'],
      [disabled.email, 'the user is disabled'],
      ['nobody@example.com', 'no account has the address'],
    ] as const) {
      expect((await people.ask(email)).status).toBe(202);
      expect(await mailbox.settled(email)).toEqual([]);
      expect(mailbox.app.logLines.some((line) => line.includes('mail_not_sent') && line.includes(reason))).toBe(true);
    }
  });

  it('cannot verify any more once the password was reset: that has verified the address', async () => {
    const email = somebody();
    await people.register(email);
    const before = tokenIn(await mailbox.newest(email, CONFIRM));
    await mailbox.app.http.post('/auth/password/recovery', { email });
    const token = tokenIn(await mailbox.newest(email, 'Set a new password'));
    expect((await mailbox.app.http.post('/auth/password/reset', { token, password: NEXT })).status).toBe(204);
    expect(await people.isVerified(email)).toBe(true);
    expect((await people.verify({ token: before })).body.code).toBe('link_used');
  });

  it('gets nothing by a link or a code of another kind', async () => {
    const email = somebody();
    await people.register(email);
    const confirmation = await mailbox.newest(email, CONFIRM);
    await mailbox.app.http.post('/auth/password/recovery', { email });
    const recovery = await mailbox.newest(email, 'Set a new password');
    const reset = (body: object) => mailbox.app.http.post<{ code: string }>('/auth/password/reset', body);
    expect((await people.verify({ token: tokenIn(recovery) })).body.code).toBe('link_invalid');
    expect((await people.verify({ email, code: codeIn(recovery) })).body.code).toBe('code_invalid');
    expect((await reset({ token: tokenIn(confirmation), password: NEXT })).body.code).toBe('link_invalid');
    expect((await reset({ email, code: codeIn(confirmation), password: NEXT })).body.code).toBe('code_invalid');
  });
});

describe('somebody verifies the address, where that is required', () => {
  let mailbox: Mailbox;
  let people: ReturnType<typeof peopleOf>;
  beforeAll(async () => {
    mailbox = await Mailbox.start({ RATE_LIMITS: 'false', EMAIL_VERIFICATION: 'required' });
    people = peopleOf(mailbox);
  });
  afterAll(() => mailbox.close());

  it('signs in after that, and before hears of it with the right password alone', async () => {
    const email = somebody();
    expect(await people.register(email)).toMatchObject({ status: 202, text: '' });
    expect(await people.login(email)).toMatchObject({ status: 403, body: { code: 'email_not_verified' } });
    expect(await people.login(email, 'wrong horse')).toMatchObject({
      status: 401,
      body: { code: 'invalid_credentials' },
    });
    const cookie = { email, password: PASSWORD, transport: 'cookie' };
    const byCookie = await mailbox.app.http.post('/auth/login', cookie, {
      headers: { 'sec-fetch-site': 'same-origin' },
    });
    expect(byCookie).toMatchObject({ status: 403, body: { code: 'email_not_verified' } });
    expect(byCookie.headers.get('set-cookie')).toBeNull();
    await people.verify({ token: tokenIn(await mailbox.newest(email, CONFIRM)) });
    expect((await people.login(email)).status).toBe(200);
  });

  it('whose password is temporary replaces it first, and is signed in by neither', async () => {
    const { email } = await mailbox.app.createUser({ mustChange: true });
    expect((await people.login(email)).body.code).toBe('password_change_required');
    const replacing = { email, password: PASSWORD, new_password: NEXT };
    expect((await mailbox.app.http.post<{ code: string }>('/auth/login', replacing)).body.code).toBe(
      'email_not_verified',
    );
    expect((await people.login(email, NEXT)).body.code).toBe('email_not_verified');
  });

  it('is told by mail alone that there is an account, which stays as it was', async () => {
    const { email } = await mailbox.app.createUser({ emailVerified: true });
    expect(await people.register(email, NEXT)).toMatchObject({ status: 202, text: '' });
    const mail = await mailbox.newest(email, EXISTS);
    expect(mail.links).toEqual([]);
    expect((await people.login(email)).status).toBe(200);
    expect((await people.login(email, NEXT)).status).toBe(401);
  });

  it('who registers again before, gets the account by a new password', async () => {
    const email = somebody();
    await people.register(email);
    await mailbox.newest(email, CONFIRM);
    await people.register(email.toUpperCase(), NEXT);
    const mail = await mailbox.newest(email, 'Set a new password');
    expect(mail.text.replaceAll(/\s+/g, ' ')).toContain('an account with it that nobody has confirmed yet');
    const password = 'three green kettles';
    await mailbox.app.http.post('/auth/password/reset', { email, code: codeIn(mail), password });
    expect((await people.login(email, password)).status).toBe(200);
  });

  it('gets no mail where the account is disabled', async () => {
    const { email } = await mailbox.app.createUser({ status: 'disabled' });
    expect((await people.register(email)).status).toBe(202);
    expect(await mailbox.settled(email)).toEqual([]);
  });
});

describe('an operator', () => {
  it('who wants no verification has none: no mail goes out with an account', async () => {
    const mailbox = await Mailbox.start({ RATE_LIMITS: 'false', EMAIL_VERIFICATION: 'off' });
    const email = somebody();
    expect((await peopleOf(mailbox).register(email)).status).toBe(201);
    expect(await mailbox.settled(email)).toEqual([]);
    await mailbox.close();
  });

  it('who wants it required, and has set no mail, is told at the start', async () => {
    const start = TestApp.start({
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://auth.example.com',
      EMAIL_VERIFICATION: 'required',
    });
    await expect(start).rejects.toThrow('EMAIL_VERIFICATION=required needs SMTP_URL');
  });
});
