import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../../src/auth/accounts.service.js';
import { UsersService } from '../../src/users/users.service.js';
import type { User } from '../../src/users/user.entity.js';
import { BY_TEST } from '../support/cause.js';
import { PASSWORD, type TestApp } from '../support/create-app.js';
import { codeIn, Mailbox, tokenIn } from '../support/mailbox.js';

const NEXT = 'nine purple umbrellas';
const SUBJECT = 'Set a new password';

describe('somebody has forgotten their password', () => {
  let app: TestApp;
  let mailbox: Mailbox;
  beforeAll(async () => {
    mailbox = await Mailbox.start({ RATE_LIMITS: 'false', LOG_LEVEL: 'info', PERSONAL_TOKEN_SCOPES: 'orders:read' });
    ({ app } = mailbox);
  });
  afterAll(() => mailbox.close());

  const ask = (email: string, headers: Record<string, string> = {}) =>
    app.http.post('/auth/password/recovery', { email }, { headers });
  const reset = (body: object) => app.http.post<{ code: string }>('/auth/password/reset', body);
  /** A user, and the mail that they have asked for. */
  async function forgetful(fields: Partial<NewAccount> = {}) {
    const user = await app.createUser(fields);
    expect(await ask(user.email)).toMatchObject({ status: 202, text: '' });
    const mail = await mailbox.newest(user.email, SUBJECT);
    return { user, mail, token: tokenIn(mail) };
  }
  const stored = (user: User) => app.app.get(UsersService).get(user.id);

  it('sets a new one by the link, signs in with it, and the address is verified', async () => {
    const { user, token } = await forgetful();
    const answer = await reset({ token, password: NEXT });
    expect(answer).toMatchObject({ status: 204, text: '' });
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect((await app.login(user.email, NEXT)).token_type).toBe('Bearer');
    expect((await app.http.post('/auth/login', { email: user.email, password: PASSWORD })).status).toBe(401);
    expect((await stored(user)).emailVerifiedAt).toEqual(expect.any(Date));
  });

  it('sets a new one by the code', async () => {
    const { user, mail } = await forgetful();
    const email = user.email.toUpperCase();
    expect((await reset({ email, code: codeIn(mail), password: NEXT })).status).toBe(204);
    expect((await app.login(user.email, NEXT)).token_type).toBe('Bearer');
  });

  it('ends all sessions with it, and every service hears of that', async () => {
    const { user, tokens } = await app.signedInUser();
    await ask(user.email);
    const token = tokenIn(await mailbox.newest(user.email, SUBJECT));
    const answer = await reset({ token, password: NEXT });
    expect(Number(answer.headers.get('revocation-seq'))).toBeGreaterThan(0);
    expect((await app.http.get('/auth/me', { token: tokens.access_token })).status).toBe(401);
    const { refresh_token } = tokens;
    expect((await app.http.post('/auth/refresh', { refresh_token })).status).toBe(401);
  });

  it('is told by mail that the password is another one', async () => {
    const { user, token } = await forgetful();
    await reset({ token, password: NEXT });
    const notice = await mailbox.newest(user.email, 'was changed');
    expect(notice.text.replaceAll(/\s+/g, ' ')).toMatch(/changed on \w+ \d+, \d{4} at [^,]+ UTC, from 127\.0\.0\.1/);
  });

  it('may choose again where policy refuses a password: neither link nor code is used up', async () => {
    const { user, token, mail } = await forgetful();
    const code = codeIn(mail);
    for (const proof of [{ token }, { email: user.email, code }]) {
      for (const [password, fault] of [
        ['short', 'too_short'],
        ['password1', 'common'],
        // Where the link says whose it is, and the body does not.
        [`${user.email}1`, 'email'],
      ]) {
        const answer = await reset({ ...proof, password });
        expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'password', code: fault }] } });
      }
    }
    expect((await reset({ token, password: NEXT })).status).toBe(204);
  });

  it('uses the link and the code of one mail once, and those of all mails before with them', async () => {
    const { user, token: first } = await forgetful();
    await ask(user.email);
    const [second] = await mailbox.mailsTo(user.email, 2);
    const used = { status: 410, body: { code: 'link_used' } };
    expect((await reset({ token: tokenIn(second!), password: NEXT })).status).toBe(204);
    expect(await reset({ token: tokenIn(second!), password: NEXT })).toMatchObject(used);
    expect(await reset({ token: first, password: NEXT })).toMatchObject(used);
    const byCode = await reset({ email: user.email, code: codeIn(second!), password: NEXT });
    expect(byCode).toMatchObject({ status: 400, body: { code: 'code_invalid' } });
  });

  it('has an hour', async () => {
    const { token } = await forgetful();
    app.clock.advance(3600);
    expect(await reset({ token, password: NEXT })).toMatchObject({ status: 410, body: { code: 'link_expired' } });
  });

  it('needs no temporary password any more', async () => {
    const { user, token } = await forgetful({ mustChange: true });
    await reset({ token, password: NEXT });
    expect((await app.login(user.email, NEXT)).token_type).toBe('Bearer');
  });

  it('without a password is told so, and gets one', async () => {
    const { user, mail, token } = await forgetful({ password: undefined });
    expect(mail.text).toContain('no password so far');
    expect((await forgetful()).mail.text).not.toContain('no password so far');
    await reset({ token, password: NEXT });
    expect((await app.login(user.email, NEXT)).token_type).toBe('Bearer');
  });

  it.each([
    ['de-AT, en;q=0.5', 'Neues Passwort', 'eine Stunde'],
    ['fr', 'nouveau mot de passe', 'une heure'],
    ['es-MX', 'nueva contraseña', 'una hora'],
    ['sv, en', SUBJECT, 'one hour'],
  ])('reads the mail in their language: %s', async (language, subject, hour) => {
    const { email } = await app.createUser();
    await ask(email, { 'accept-language': language });
    const [mail] = await mailbox.mailsTo(email);
    expect(mail!.subject).toContain(subject);
    expect(mail!.text.replaceAll(/\s+/g, ' ')).toContain(hour);
  });

  it('learns who asked, from where, by words of ours', async () => {
    const { email } = await app.createUser();
    await ask(email, { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0 https://evil.example' });
    const { text } = await mailbox.newest(email, SUBJECT);
    expect(text.replaceAll(/\s+/g, ' ')).toContain('from 127.0.0.1 (device: Firefox, Linux)');
    expect(text).not.toContain('evil');
  });

  it.each([
    ['disabled', (user: User) => app.app.get(UsersService).update(user.id, { status: 'disabled' }, BY_TEST)],
    ['deleted', (user: User) => app.app.get(UsersService).delete(user.id, BY_TEST)],
    [
      'given another address',
      (user: User) => app.app.get(UsersService).update(user.id, { email: `x${user.email}` }, BY_TEST),
    ],
    [
      'deleted and its id given to somebody else',
      async ({ id, email }: User) => {
        await app.app.get(UsersService).delete(id, BY_TEST);
        await app.createUser({ id, email: `other-${email}` });
      },
    ],
  ])('gets nothing by a mail from before their account was %s', async (_, change) => {
    const { user, mail, token } = await forgetful();
    await change(user);
    expect(await reset({ token, password: NEXT })).toMatchObject({ status: 400, body: { code: 'link_invalid' } });
    const byCode = await reset({ email: user.email, code: codeIn(mail), password: NEXT });
    expect(byCode).toMatchObject({ status: 400, body: { code: 'code_invalid' } });
  });

  it('gets no mail where the account is disabled, and the log says why', async () => {
    const user = await app.createUser({ status: 'disabled' });
    const requestId = `disabled-${user.id}`;
    expect((await ask(user.email, { 'x-request-id': requestId })).status).toBe(202);
    expect(await mailbox.settled(user.email)).toEqual([]);
    const line = app.logLines.find((text) => text.includes('mail_not_sent') && text.includes(requestId));
    expect(JSON.parse(line!)).toMatchObject({ reason: 'the user is disabled', user_id: user.id });
    expect(line).not.toContain(user.email);
  });

  it.each([
    ['nothing', {}, 'token', 'required'],
    ['an address alone', { email: 'a@example.com' }, 'code', 'required'],
    ['a code alone', { code: '123456' }, 'email', 'required'],
    ['a code that is none', { email: 'a@example.com', code: '12345x' }, 'code', 'matches'],
    ['a link and a code', { token: 'cso_x', email: 'a@example.com', code: '123456' }, 'code', 'exclusive'],
  ])('is told what is missing: %s', async (_, proof, field, code) => {
    const answer = await reset({ ...proof, password: NEXT });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ field, code }] } });
  });

  it('keeps the personal access tokens of an address that was verified before, and loses those of one that was not', async () => {
    for (const emailVerified of [true, false]) {
      const { user, tokens } = await app.signedInUser({ emailVerified });
      const body = { name: 'script', scopes: [], expires_in: 3600 };
      expect((await app.http.post('/api-keys', body, { token: tokens.access_token })).status).toBe(201);
      await ask(user.email);
      await reset({ token: tokenIn(await mailbox.newest(user.email, SUBJECT)), password: NEXT });
      const token = (await app.login(user.email, NEXT)).access_token;
      const { body: list } = await app.http.get<{ items: object[] }>('/api-keys', { token });
      expect(list.items).toHaveLength(emailVerified ? 1 : 0);
    }
  });
});
