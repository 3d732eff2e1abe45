import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsersService } from '../../src/users/users.service.js';
import { BY_TEST } from '../support/cause.js';
import { PASSWORD } from '../support/create-app.js';
import { Mailbox, tokenIn } from '../support/mailbox.js';
import { personalToken, verdictOn } from '../support/api-keys.js';

const NEXT = 'nine purple umbrellas';
const DAY = 24 * 3600;

let addresses = 0;
const somewhere = () => `somewhere${++addresses}@example.com`;

describe('somebody changes the address of the account', () => {
  let mailbox: Mailbox;
  beforeAll(async () => {
    mailbox = await Mailbox.start({
      RATE_LIMITS: 'false',
      EMAIL_VERIFICATION: 'required',
      PERSONAL_TOKEN_SCOPES: 'orders:read',
    });
  });
  afterAll(() => mailbox.close());

  const post = (path: string, body: object, token?: string) =>
    mailbox.app.http.post<{ code: string }>(path, body, { token });
  const statusOfLogin = async (email: string, password = PASSWORD) =>
    (await post('/auth/login', { email, password })).status;
  const signedIn = async () => {
    const { user, tokens } = await mailbox.app.signedInUser({ emailVerified: true });
    return { from: user.email, token: tokens.access_token };
  };
  const ask = (token: string, email: string) => post('/auth/email/change', { email }, token);
  /** Moves the account of a token to another address. */
  const move = async (token: string, to: string) => {
    expect(await ask(token, to)).toMatchObject({ status: 202, text: '' });
    const link = tokenIn(await mailbox.newest(to, 'Confirm your new address'));
    expect((await post('/auth/email/confirm', { token: link })).status).toBe(204);
    return link;
  };
  const undoLinkOf = async (former: string) => tokenIn(await mailbox.newest(former, 'was changed'));

  it('signs in with the new one once its mail was opened, and with the former one no more', async () => {
    const { from, token } = await signedIn();
    const to = somewhere();
    await ask(token, to);
    await mailbox.newest(to, 'Confirm your new address');
    expect([await statusOfLogin(from), await statusOfLogin(to)]).toEqual([200, 401]);
    const link = await move(token, to);
    expect([await statusOfLogin(from), await statusOfLogin(to)]).toEqual([401, 200]);
    expect((await mailbox.app.http.get('/auth/me', { token })).status).toBe(401);
    expect(await post('/auth/email/confirm', { token: link })).toMatchObject({
      status: 410,
      body: { code: 'link_used' },
    });
  });

  it('takes nothing back from the next account with the id, after a deletion', async () => {
    const { user, tokens } = await mailbox.app.signedInUser({ emailVerified: true });
    await move(tokens.access_token, somewhere());
    const link = await undoLinkOf(user.email);
    await mailbox.app.app.get(UsersService).delete(user.id, BY_TEST);
    const next = await mailbox.app.createUser({ id: user.id, email: somewhere(), emailVerified: true });
    expect((await post('/auth/email/undo', { token: link })).body.code).toBe('link_used');
    expect(await statusOfLogin(next.email)).toBe(200);
  });

  it('is asked for the password where the sign-in is no longer recent', async () => {
    const { tokens } = await mailbox.app.signedInUser({ emailVerified: true });
    mailbox.app.clock.advance(601);
    const { refresh_token } = tokens;
    const { body } = await mailbox.app.http.post<{ access_token: string }>('/auth/refresh', { refresh_token });
    const token = body.access_token;
    const code = 'insufficient_user_authentication';
    expect(await ask(token, somewhere())).toMatchObject({ status: 401, body: { code } });
    const change = (current_password: string) =>
      post('/auth/email/change', { email: somewhere(), current_password }, token);
    expect((await change('wrong horse')).body.code).toBe('wrong_password');
    expect((await change(PASSWORD)).status).toBe(202);
  });

  it('hears nothing of an account at the new address, and its owner gets no mail', async () => {
    const { token } = await signedIn();
    const { email } = await mailbox.app.createUser();
    expect(await ask(token, email)).toMatchObject({ status: 202, text: '' });
    expect(await mailbox.settled(email)).toEqual([]);
  });

  it('loses to an account that was made at the new address meanwhile', async () => {
    const { from, token } = await signedIn();
    const to = somewhere();
    await ask(token, to);
    const link = tokenIn(await mailbox.newest(to, 'Confirm your new address'));
    await mailbox.app.createUser({ email: to, password: NEXT });
    expect(await post('/auth/email/confirm', { token: link })).toMatchObject({
      status: 409,
      body: { code: 'email_taken' },
    });
    expect(await statusOfLogin(from)).toBe(200);
  });

  it('cannot change to the address that the account has', async () => {
    const { from, token } = await signedIn();
    const answer = await ask(token, from.toUpperCase());
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'email', code: 'same_email' }] } });
  });

  it('takes it back by the mail to the former address: nothing opens the account then but a new password', async () => {
    const { from, token } = await signedIn();
    const { api_key: key } = await personalToken(mailbox.app, token, { scopes: ['orders:read'] });
    const to = somewhere();
    await move(token, to);
    const { access_token: thief } = await mailbox.app.login(to);
    mailbox.app.clock.advance(6 * DAY);
    expect((await post('/auth/email/undo', { token: await undoLinkOf(from) })).status).toBe(204);
    expect((await mailbox.app.http.get('/auth/me', { token: thief })).status).toBe(401);
    expect((await verdictOn(mailbox.app.http, key)).status).toBe(401);
    expect([await statusOfLogin(from), await statusOfLogin(to)]).toEqual([401, 401]);
    const recovery = tokenIn(await mailbox.newest(from, 'Set a new password'));
    expect((await post('/auth/password/reset', { token: recovery, password: NEXT })).status).toBe(204);
    expect(await statusOfLogin(from, NEXT)).toBe(200);
  });

  it('has seven days for that', async () => {
    const { from, token } = await signedIn();
    await move(token, somewhere());
    const undo = await undoLinkOf(from);
    mailbox.app.clock.advance(7 * DAY);
    expect((await post('/auth/email/undo', { token: undo })).body.code).toBe('link_expired');
  });

  it('gets nothing by a change that was asked for before the password was reset', async () => {
    const { from, token } = await signedIn();
    const to = somewhere();
    await ask(token, to);
    const link = tokenIn(await mailbox.newest(to, 'Confirm your new address'));
    await post('/auth/password/recovery', { email: from });
    const recovery = tokenIn(await mailbox.newest(from, 'Set a new password'));
    await post('/auth/password/reset', { token: recovery, password: NEXT });
    // "Unexpired email change" (pre-hijacking).
    expect((await post('/auth/email/confirm', { token: link })).body.code).toBe('link_used');
    expect(await statusOfLogin(from, NEXT)).toBe(200);
  });
});
