import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mailbox } from '../support/mailbox.js';
import { answerTime, tellsApart } from '../support/rank-test.js';

const PAIRS = 300;

describe('finding out who has an account, by how long the answer takes', () => {
  let mailbox: Mailbox;
  beforeAll(async () => {
    mailbox = await Mailbox.start({ RATE_LIMITS: 'false', LOG_LEVEL: 'info', EMAIL_VERIFICATION: 'required' });
  });
  afterAll(() => mailbox.close());

  it.each(['/auth/password/recovery', '/auth/email/verification'])(
    `shows nothing in ${PAIRS} pairs of requests: %s`,
    async (path) => {
      const users = await Promise.all(Array.from({ length: 10 }, () => mailbox.app.createUser()));
      const timeOf = (email: string) => answerTime(mailbox, path, { email });
      const known = (n: number) => timeOf(users[n % users.length]!.email);
      // As long, so that the bytes on the wire are the same.
      const unknown = (n: number) => timeOf(users[n % users.length]!.email.replace('user', 'nope'));
      expect(await tellsApart(known, unknown, PAIRS)).toBe(false);
    },
  );
});
