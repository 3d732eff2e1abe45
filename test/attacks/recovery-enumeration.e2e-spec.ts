import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TestApp } from '../support/create-app.js';
import { codeIn, Mailbox } from '../support/mailbox.js';

describe('finding out who has an account, by asking for a new password', () => {
  let app: TestApp;
  let mailbox: Mailbox;
  beforeAll(async () => {
    mailbox = await Mailbox.start({ TRUSTED_PROXIES: '127.0.0.1/32' });
    ({ app } = mailbox);
  });
  afterAll(() => mailbox.close());
  // Seconds do not pass while we ask.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => vi.useRealTimers());

  /** The whole answer but the date. */
  const answerTo = async (path: string, body: object, requestId: string, network: string) => {
    const { status, headers, text } = await app.http.post(path, body, {
      headers: { 'x-request-id': requestId, 'x-forwarded-for': network },
    });
    return { status, headers: [...headers].filter(([name]) => name !== 'date'), text };
  };
  const sequenceOf = async (path: string, body: object, network: string, length: number) => {
    const answers = [];
    for (let n = 0; n < length; n++) answers.push(await answerTo(path, body, `recovery-${n}`, network));
    return answers;
  };

  it('shows nothing: status, headers and body are the same, request after request, also when they run out', async () => {
    const unknown = await sequenceOf('/auth/password/recovery', { email: 'nobody@example.com' }, '203.0.113.1', 8);
    expect(new Set(unknown.map(({ status }) => status))).toEqual(new Set([202, 429]));
    expect(Object.fromEntries(unknown[0]!.headers)).toHaveProperty('ratelimit');
    const others = [{}, { password: undefined }, { status: 'disabled' as const }];
    for (const [index, fields] of others.entries()) {
      const { email } = await app.createUser(fields);
      expect(await sequenceOf('/auth/password/recovery', { email }, `203.0.113.${10 + index}`, 8)).toEqual(unknown);
    }
  });

  it('shows nothing by codes either, whether or not a mail was sent, until there are no guesses left and after', async () => {
    const wrong = { code: '000000', password: 'nine purple umbrellas' };
    const path = '/auth/password/reset';
    const unknown = await sequenceOf(path, { email: 'nobody2@example.com', ...wrong }, '203.0.113.2', 12);
    expect(unknown.map(({ status }) => status)).toEqual([...Array<number>(10).fill(400), 403, 403]);
    const { email } = await app.createUser();
    const asked = await app.createUser();
    await app.http.post('/auth/password/recovery', { email: asked.email });
    const [mail] = await mailbox.mailsTo(asked.email);
    expect(codeIn(mail!)).not.toBe(wrong.code);
    for (const [index, address] of [email, asked.email].entries())
      expect(await sequenceOf(path, { email: address, ...wrong }, `203.0.113.${20 + index}`, 12)).toEqual(unknown);
  });
});
