import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestApp } from '../support/create-app.js';
import { codeIn, Mailbox, tokenIn } from '../support/mailbox.js';

const NEXT = 'nine purple umbrellas';
const GUESSES = 10;
const DAY = 24 * 3600;

describe('guessing the code of a recovery mail', () => {
  let app: TestApp;
  let mailbox: Mailbox;
  beforeAll(async () => {
    mailbox = await Mailbox.start({ TRUSTED_PROXIES: '127.0.0.1/32' });
    ({ app } = mailbox);
  });
  afterAll(() => mailbox.close());

  // Each from a network of its own: thieves have many.
  let networks = 0;
  const from = () => ({ headers: { 'x-forwarded-for': `198.51.${networks >> 8}.${networks++ & 255}` } });
  const ask = (email: string) => app.http.post('/auth/password/recovery', { email }, from());
  const reset = (body: object) => app.http.post<{ code: string }>('/auth/password/reset', body, from());
  const guess = (email: string, code: string) => reset({ email, code, password: NEXT });
  const asked = async () => {
    const { email } = await app.createUser({ email: `${randomUUID()}@example.com` });
    await ask(email);
    const [mail] = await mailbox.mailsTo(email);
    return { email, code: codeIn(mail!), token: tokenIn(mail!) };
  };
  const wrong = (code: string) => (code === '000000' ? '000001' : '000000');

  it('ends after ten guesses a day, over all mails, and the right code is refused too; the link still works', async () => {
    const { email, code, token } = await asked();
    for (let n = 0; n < GUESSES - 1; n++) expect((await guess(email, wrong(code))).body.code).toBe('code_invalid');
    // Another mail gives no further guesses.
    await ask(email);
    const [newer] = await mailbox.mailsTo(email, 2);
    expect((await guess(email, wrong(codeIn(newer!)))).body.code).toBe('code_invalid');
    for (const right of [code, codeIn(newer!)])
      expect(await guess(email, right)).toMatchObject({ status: 403, body: { code: 'code_locked' } });
    app.clock.advance(DAY / 48);
    expect((await guess(email, code)).body.code).toBe('code_locked');
    expect((await reset({ token, password: NEXT })).status).toBe(204);
    app.clock.advance(DAY);
  });

  it('tests no more codes than that, however many come at the same moment, in each of 30 rounds', async () => {
    for (let round = 0; round < 30; round++) {
      const { email, code } = await asked();
      const answers = await Promise.all(Array.from({ length: 30 }, () => guess(email, wrong(code))));
      const codes = answers.map(({ body }) => body.code);
      expect(codes.filter((one) => one === 'code_invalid')).toHaveLength(GUESSES);
      expect(codes.filter((one) => one === 'code_locked')).toHaveLength(30 - GUESSES);
    }
  });

  it('counts for the account, in whatever spelling its address comes', async () => {
    const { email, code } = await asked();
    for (let n = 0; n < GUESSES; n++) await guess(n % 2 ? email.toUpperCase() : email, wrong(code));
    expect((await guess(email, code)).body.code).toBe('code_locked');
  });

  it('is refused from one network after 50 failures, by codes and by links', async () => {
    const { email, code } = await asked();
    const here = { headers: { 'x-forwarded-for': '203.0.113.77' } };
    const body = { token: `cso_${'A'.repeat(43)}`, password: NEXT };
    for (let n = 0; n < 50; n++) expect((await app.http.post('/auth/password/reset', body, here)).status).toBe(400);
    const refused = await app.http.post('/auth/password/reset', { email, code, password: NEXT }, here);
    expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
    expect(refused.headers.get('ratelimit-policy')).toBe('"mail-proof-network";q=50;w=300');
    expect((await guess(email, code)).status).toBe(204);
  });
});
