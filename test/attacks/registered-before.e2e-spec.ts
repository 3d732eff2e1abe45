import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestApp } from '../support/create-app.js';
import { Mailbox, tokenIn } from '../support/mailbox.js';

const THIEF = 'nine purple umbrellas';
const OWNER = 'seven green bicycles';

describe('registering the address of somebody before they do', () => {
  let app: TestApp;
  let mailbox: Mailbox;
  beforeAll(async () => {
    mailbox = await Mailbox.start({ RATE_LIMITS: 'false', EMAIL_VERIFICATION: 'required' });
    ({ app } = mailbox);
  });
  afterAll(() => mailbox.close());

  const register = (email: string, password: string) => app.http.post('/auth/register', { email, password });
  const login = (email: string, password: string) => app.http.post('/auth/login', { email, password });
  const verify = (token: string) => app.http.post('/auth/email/verify', { token });

  it.each(['the mail of that registration', 'a mail that is asked for later'])(
    'opens nothing once the owner has registered, and confirms the address by %s',
    async (which) => {
      const email = `${which.replaceAll(' ', '-')}@example.com`;
      await register(email, THIEF);
      const [first] = await mailbox.mailsTo(email);
      await register(email, OWNER);
      const [sets] = await mailbox.mailsTo(email, 2);
      await app.http.post('/auth/email/verification', { email });
      const [later] = await mailbox.mailsTo(email, 3);
      expect((await verify(tokenIn(which.includes('later') ? later! : first!))).status).toBe(204);
      expect((await login(email, THIEF)).status).toBe(401);
      expect((await app.http.post('/auth/password/reset', { token: tokenIn(sets!), password: OWNER })).status).toBe(
        204,
      );
      expect((await login(email, OWNER)).status).toBe(200);
    },
  );
});
