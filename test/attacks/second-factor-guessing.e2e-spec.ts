import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { Authenticator, firstStep } from '../support/second-factor.js';

describe('guessing the second factor, with the right password', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ TRUSTED_PROXIES: '127.0.0.1/32' })));
  afterAll(() => app.close());

  let networks = 0;
  const person = async () => {
    const { user, tokens } = await app.signedInUser();
    return {
      email: user.email,
      token: tokens.access_token,
      phone: await Authenticator.setUp(app, tokens.access_token),
    };
  };
  const guess = (method: string, mfa_token: string, code: string) =>
    app.http.post<{ code?: string }>(
      `/auth/mfa/${method}`,
      { mfa_token, code },
      {
        headers: { 'x-forwarded-for': `203.0.${++networks % 250}.${(networks / 250) | 0}` },
      },
    );
  const ticket = async (email: string) => (await firstStep(app, email, PASSWORD)).body.mfa_token;

  it('tests five codes of fifty that come together, for one ticket', async () => {
    const { email, phone } = await person();
    const token = await ticket(email);
    const answers = await Promise.all(Array.from({ length: 50 }, () => guess('totp', token, phone.wrongCode())));
    const codes = answers.map(({ body }) => body.code);
    expect(codes.filter((code) => code === 'second_factor_invalid')).toHaveLength(5);
    expect(codes.filter((code) => code === 'rate_limited')).toHaveLength(45);
    // The right one comes too late as well.
    expect((await guess('totp', token, phone.code())).status).toBe(429);
  });

  it('counts over all tickets, methods and networks', async () => {
    const { email, token, phone } = await person();
    await app.http.post('/mfa/recovery-codes', undefined, { token });
    const codes = [];
    for (let n = 0; n < 8; n++) {
      const method = n % 2 ? 'totp' : 'recovery-code';
      codes.push(
        (await guess(method, await ticket(email), n % 2 ? phone.wrongCode() : 'aaaa-bbbb-cccc-dddd')).body.code,
      );
    }
    expect(codes).toEqual([
      ...Array<string>(5).fill('second_factor_invalid'),
      ...Array<string>(3).fill('rate_limited'),
    ]);
  });

  it('ends with the growing wait, after which the owner signs in', async () => {
    const { email, phone } = await person();
    const token = await ticket(email);
    for (let n = 0; n < 6; n++) await guess('totp', token, phone.wrongCode());
    const stranger = await person();
    expect((await guess('totp', await ticket(stranger.email), stranger.phone.code())).status).toBe(200);
  });

  it('is no way to a first factor: the codes that confirm an app are counted likewise', async () => {
    const { user, tokens } = await app.signedInUser({ emailVerified: true });
    const token = tokens.access_token;
    const { body } = await app.http.post<{ id: string }>('/mfa/totp', {}, { token });
    const statuses = [];
    for (let n = 0; n < 7; n++)
      statuses.push((await app.http.post(`/mfa/totp/${body.id}/confirm`, { code: '000000' }, { token })).status);
    expect(statuses).toEqual([400, 400, 400, 400, 400, 429, 429]);
    expect((await firstStep(app, user.email, PASSWORD)).status).toBe(200);
  });
});
