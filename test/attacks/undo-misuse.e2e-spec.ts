import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD } from '../support/create-app.js';
import { Mailbox, tokenIn } from '../support/mailbox.js';
import { RowLock } from '../support/row-lock.js';
import { Authenticator, firstStep } from '../support/second-factor.js';

const OWN = 'nine purple umbrellas';
let addresses = 0;
const somewhere = () => `elsewhere${++addresses}@example.com`;

describe('keeping a stolen account by changes of its address', () => {
  let mailbox: Mailbox;
  beforeAll(async () => void (mailbox = await Mailbox.start({ RATE_LIMITS: 'false' })));
  afterAll(() => mailbox.close());

  const post = (path: string, body: object, token?: string) =>
    mailbox.app.http.post<{ code: string }>(path, body, { token });
  const move = async (email: string, to: string) => {
    const { access_token: token } = await mailbox.app.login(email);
    await post('/auth/email/change', { email: to }, token);
    const link = tokenIn(await mailbox.newest(to, 'Confirm your new address'));
    expect((await post('/auth/email/confirm', { token: link })).status).toBe(204);
  };
  const undoLinkOf = async (former: string) => tokenIn(await mailbox.newest(former, 'Your address for'));
  const undo = (token: string) => post('/auth/email/undo', { token });
  const addressOf = async (id: string) => {
    const [row] = await mailbox.app.dataSource.query<[{ email: string }]>('SELECT email FROM users WHERE id = $1', [
      id,
    ]);
    return row.email;
  };
  /** An account that a thief has moved twice, and the links of both former addresses. */
  const stolen = async () => {
    const { id, email } = await mailbox.app.createUser({ emailVerified: true });
    const [second, third] = [somewhere(), somewhere()];
    await move(email, second);
    mailbox.app.clock.advance(1);
    await move(second, third);
    return { id, email, second, ofOwner: await undoLinkOf(email), ofThief: await undoLinkOf(second) };
  };

  it('by the link of a later change: once the owner has taken it back, it is worthless', async () => {
    const { id, email, ofOwner, ofThief } = await stolen();
    expect((await undo(ofOwner)).status).toBe(204);
    expect(await undo(ofThief)).toMatchObject({ status: 410, body: { code: 'link_used' } });
    expect(await addressOf(id)).toBe(email);
  });

  it('by using that link first: the link of the owner still works', async () => {
    const { id, email, second, ofOwner, ofThief } = await stolen();
    expect((await undo(ofThief)).status).toBe(204);
    expect(await addressOf(id)).toBe(second);
    expect((await undo(ofOwner)).status).toBe(204);
    expect(await addressOf(id)).toBe(email);
  });

  it('by setting another password: the link of the owner still works', async () => {
    const { id, email } = await mailbox.app.createUser({ emailVerified: true });
    const to = somewhere();
    await move(email, to);
    await post('/auth/password/recovery', { email: to });
    const token = tokenIn(await mailbox.newest(to, 'Set a new password'));
    expect((await post('/auth/password/reset', { token, password: OWN })).status).toBe(204);
    expect((await undo(await undoLinkOf(email))).status).toBe(204);
    expect(await addressOf(id)).toBe(email);
    for (const password of [PASSWORD, OWN]) {
      for (const address of [email, to])
        expect((await post('/auth/login', { email: address, password })).status).toBe(401);
    }
  });

  it('by a second factor: one that was added since is gone, one from before stays due', async () => {
    const { app } = mailbox;
    const RESET = 'Set a new password';
    const recover = async (email: string) => {
      expect((await undo(await undoLinkOf(email))).status).toBe(204);
      const token = tokenIn(await mailbox.newest(email, RESET));
      expect((await post('/auth/password/reset', { token, password: OWN })).status).toBe(204);
      return firstStep(app, email, OWN);
    };
    const { email: stolenFrom } = await app.createUser({ emailVerified: true });
    const to = somewhere();
    await move(stolenFrom, to);
    await Authenticator.setUp(app, (await app.login(to)).access_token);
    expect((await recover(stolenFrom)).status).toBe(200);

    const { email: protectedOne } = await app.createUser({ emailVerified: true });
    const { access_token: token } = await app.login(protectedOne);
    const phone = await Authenticator.setUp(app, token);
    const { body: codes } = await app.http.post<{ codes: string[] }>('/mfa/recovery-codes', {}, { token });
    await post('/auth/email/change', { email: somewhere() }, token);
    const link = tokenIn(await mailbox.newest(`elsewhere${addresses}@example.com`, 'Confirm your new address'));
    expect((await post('/auth/email/confirm', { token: link })).status).toBe(204);
    const { status, body } = await recover(protectedOne);
    expect([status, body.code]).toEqual([401, 'mfa_required']);
    // The codes may be those of the thief.
    expect(body.methods).toEqual(['totp']);
    const second = { mfa_token: body.mfa_token, code: codes.codes[0] };
    expect((await post('/auth/mfa/recovery-code', second)).status).toBe(400);
    const right = { mfa_token: body.mfa_token, code: phone.code() };
    expect((await post('/auth/mfa/totp', right)).status).toBe(200);
  });

  it('by racing both links: the owner has the account, whichever comes first, in each of 30 rounds', async () => {
    for (let round = 0; round < 30; round++) {
      const { id, email, ofOwner, ofThief } = await stolen();
      const lock = await RowLock.take(mailbox.app, 'SELECT FROM users WHERE id = $1 FOR UPDATE', [id]);
      const both = round % 2 ? [undo(ofOwner), undo(ofThief)] : [undo(ofThief), undo(ofOwner)];
      await lock.isWaitedFor(2);
      await lock.release();
      await Promise.all(both);
      expect(await addressOf(id)).toBe(email);
    }
  });

  it('by an undo link at every other place', async () => {
    const { email } = await mailbox.app.createUser({ emailVerified: true });
    await move(email, somewhere());
    const token = await undoLinkOf(email);
    for (const [path, body] of [
      ['/auth/email/confirm', { token }],
      ['/auth/email/verify', { token }],
      ['/auth/password/reset', { token, password: OWN }],
    ] as const)
      expect(await post(path, body)).toMatchObject({ status: 400, body: { code: 'link_invalid' } });
    expect((await mailbox.app.http.get('/auth/me', { token })).status).toBe(401);
    expect((await post('/auth/refresh', { refresh_token: token })).status).toBe(401);
    expect((await undo(token)).status).toBe(204);
  });
});
