import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { Authenticator, firstStep } from '../support/second-factor.js';

const ROUNDS = 30;
const TOGETHER = 10;

describe('using a code of the second factor again', () => {
  let app: TestApp;
  let email: string;
  let codes: string[];
  let phone: Authenticator;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    const { user, tokens } = await app.signedInUser();
    ({ email } = user);
    const token = tokens.access_token;
    phone = await Authenticator.setUp(app, token);
    ({ codes } = (await app.http.post<{ codes: string[] }>('/mfa/recovery-codes', undefined, { token })).body);
  });
  afterAll(() => app.close());

  const ticket = async () => (await firstStep(app, email, PASSWORD)).body.mfa_token;
  const tickets = () => Promise.all(Array.from({ length: TOGETHER }, ticket));
  const show = (method: string, mfa_token: string, code: string) =>
    app.http.post<{ code?: string }>(`/auth/mfa/${method}`, { mfa_token, code });
  const winners = (answers: { status: number }[]) => answers.filter(({ status }) => status === 200).length;

  it(`opens one session, of ${TOGETHER} sign-ins that show the code together, in each of ${ROUNDS} rounds`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      app.clock.advance(60);
      const code = phone.code();
      const all = await tickets();
      expect(winners(await Promise.all(all.map((token) => show('totp', token, code))))).toBe(1);
    }
  });

  it('opens nothing with a code that was used, nor with an earlier one', async () => {
    app.clock.advance(60);
    const [earlier, code] = [phone.code(-1), phone.code()];
    expect((await show('totp', await ticket(), code)).status).toBe(200);
    for (const late of [code, earlier])
      expect((await show('totp', await ticket(), late)).body.code).toBe('second_factor_invalid');
  });

  it(`opens one session by a recovery code, of ${TOGETHER} that show it together, in each of 10 rounds`, async () => {
    expect(codes).toHaveLength(10);
    for (const code of codes) {
      const all = await tickets();
      expect(winners(await Promise.all(all.map((token) => show('recovery-code', token, code))))).toBe(1);
    }
  });

  it('opens nothing by the recovery code of another user', async () => {
    const other = await app.signedInUser();
    await Authenticator.setUp(app, other.tokens.access_token);
    const { body } = await app.http.post<{ codes: string[] }>('/mfa/recovery-codes', undefined, {
      token: other.tokens.access_token,
    });
    expect((await show('recovery-code', await ticket(), body.codes[0]!)).body.code).toBe('second_factor_invalid');
  });
});
