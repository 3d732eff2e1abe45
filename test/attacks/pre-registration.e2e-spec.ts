import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { personalToken, verdictOn } from '../support/api-keys.js';
import { PASSWORD } from '../support/create-app.js';
import { codeIn, Mailbox, tokenIn } from '../support/mailbox.js';

const OWN = 'nine purple umbrellas';
const CONFIRM = 'Confirm your address';
const RESET = 'Set a new password';

let victims = 0;
const somebody = () => `victim${++victims}@example.com`;

// The attacks of Sudhodanan and Paverd, "Pre-hijacked Accounts" (USENIX Security 2022), as far as there is what they need.
describe.each(['optional', 'required'])('registering for a victim, and waiting (verification %s)', (verification) => {
  let mailbox: Mailbox;
  beforeAll(async () => {
    mailbox = await Mailbox.start({
      RATE_LIMITS: 'false',
      EMAIL_VERIFICATION: verification,
      PERSONAL_TOKEN_SCOPES: 'orders:read',
    });
  });
  afterAll(() => mailbox.close());

  const { post, get } = {
    post: <Body = { code: string }>(path: string, body: object, token?: string) =>
      mailbox.app.http.post<Body>(path, body, { token }),
    get: (path: string, token?: string) => mailbox.app.http.get(path, { token }),
  };
  const login = (email: string, password: string) => post('/auth/login', { email, password });
  /** The victim confirms the account that somebody else has made, with a password of their own. */
  const confirm = async (email: string) => {
    const token = tokenIn(await mailbox.newest(email, CONFIRM));
    expect((await post('/auth/email/verify', { token, new_password: OWN })).status).toBe(204);
  };
  /** The victim sets a password of their own, as if the account were theirs. */
  const recover = async (email: string) => {
    await post('/auth/password/recovery', { email });
    const token = tokenIn(await mailbox.newest(email, RESET));
    expect((await post('/auth/password/reset', { token, password: OWN })).status).toBe(204);
  };

  it('leaves the attacker no password', async () => {
    const email = somebody();
    await post('/auth/register', { email, password: PASSWORD });
    await recover(email);
    expect((await login(email, PASSWORD)).status).toBe(401);
    expect((await login(email, OWN)).status).toBe(200);
  });

  it('leaves the attacker no password where the victim confirms the address, which takes a password', async () => {
    const email = somebody();
    await post('/auth/register', { email, password: PASSWORD });
    const token = tokenIn(await mailbox.newest(email, CONFIRM));
    expect((await post('/auth/email/verify', { token })).status).toBe(400);
    expect((await post('/auth/email/verify', { token, password: OWN })).status).toBe(403);
    await confirm(email);
    expect((await login(email, PASSWORD)).status).toBe(401);
    expect((await login(email, OWN)).status).toBe(200);
  });

  it('leaves the link and the code of the registration worthless, whoever opens them', async () => {
    const email = somebody();
    await post('/auth/register', { email, password: PASSWORD });
    const confirmation = await mailbox.newest(email, CONFIRM);
    await recover(email);
    expect((await post('/auth/email/verify', { token: tokenIn(confirmation) })).status).toBe(410);
    expect((await post('/auth/email/verify', { email, code: codeIn(confirmation) })).status).toBe(400);
    expect((await login(email, PASSWORD)).status).toBe(401);
  });

  it.each(['recovers the account', 'confirms the address'])(
    'leaves the attacker no session and no personal access token, where the victim %s',
    async (how) => {
      const email = somebody();
      // In whatever way they got in: an account that an administrator has made, or one from before verification.
      await mailbox.app.createUser({ email, emailVerified: verification === 'required' });
      const tokens = await mailbox.app.login(email);
      await mailbox.app.dataSource.query('UPDATE users SET email_verified_at = NULL WHERE email = $1', [email]);
      const { api_key: key } = await personalToken(mailbox.app, tokens.access_token, { scopes: ['orders:read'] });
      const verdictOfKey = async () => (await verdictOn(mailbox.app.http, key)).status;
      expect(await verdictOfKey()).toBe(200);
      if (how === 'recovers the account') await recover(email);
      else {
        await post('/auth/email/verification', { email });
        await confirm(email);
      }
      expect(await verdictOfKey()).toBe(401);
      expect((await get('/auth/me', tokens.access_token)).status).toBe(401);
      expect((await post('/auth/refresh', { refresh_token: tokens.refresh_token })).status).toBe(401);
    },
  );

  it('gives the attacker nothing by a recovery that they have asked for before', async () => {
    const email = somebody();
    await post('/auth/register', { email, password: PASSWORD });
    await post('/auth/password/recovery', { email });
    const first = await mailbox.newest(email, RESET);
    await recover(email);
    expect((await post('/auth/password/reset', { token: tokenIn(first), password: PASSWORD })).status).toBe(410);
    expect((await login(email, OWN)).status).toBe(200);
  });
});

describe('registering for a victim who registers as well', () => {
  it('leaves the attacker nothing, where addresses are verified', async () => {
    const mailbox = await Mailbox.start({ RATE_LIMITS: 'false', EMAIL_VERIFICATION: 'required' });
    const email = somebody();
    const register = (password: string) => mailbox.app.http.post('/auth/register', { email, password });
    await register(PASSWORD);
    await mailbox.newest(email, CONFIRM);
    // The answer is that of a new account, and the mail sets a password instead of confirming the attacker's.
    expect((await register(OWN)).status).toBe(202);
    const token = tokenIn(await mailbox.newest(email, RESET));
    expect((await mailbox.app.http.post('/auth/password/reset', { token, password: OWN })).status).toBe(204);
    const login = async (password: string) => (await mailbox.app.http.post('/auth/login', { email, password })).status;
    expect([await login(PASSWORD), await login(OWN)]).toEqual([401, 200]);
    await mailbox.close();
  });
});
