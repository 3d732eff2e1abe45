import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SessionsService } from '../../src/sessions/sessions.service.js';
import { PASSWORD, type TestApp } from '../support/create-app.js';
import { Gate } from '../support/gate.js';
import { codeIn, Mailbox, tokenIn } from '../support/mailbox.js';
import { RowLock } from '../support/row-lock.js';

const ROUNDS = 30;
const LOCK_USER = 'SELECT FROM users WHERE id = $1 FOR UPDATE';

describe('racing for a forgotten password', () => {
  let app: TestApp;
  let mailbox: Mailbox;
  beforeAll(async () => {
    mailbox = await Mailbox.start({ RATE_LIMITS: 'false' });
    ({ app } = mailbox);
  });
  afterAll(() => mailbox.close());

  async function asked() {
    const user = await app.createUser();
    await app.http.post('/auth/password/recovery', { email: user.email });
    const [mail] = await mailbox.mailsTo(user.email);
    return { user, token: tokenIn(mail!), code: codeIn(mail!) };
  }
  const reset = (body: object) => app.http.post<{ code?: string }>('/auth/password/reset', body);
  const login = (email: string, password: string) => app.http.post('/auth/login', { email, password });
  const passwordOf = (n: number) => `umbrella number ${n}`;

  it('one of 50 resets by the same link sets its password, the others set none', async () => {
    for (let round = 0; round < 3; round++) {
      const { user, token } = await asked();
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, n) => reset({ token, password: passwordOf(n) })),
      );
      const winners = answers.flatMap(({ status }, n) => (status === 204 ? [n] : []));
      expect(winners).toHaveLength(1);
      const losers = answers.filter(({ status }) => status !== 204);
      expect(new Set(losers.map(({ body }) => body.code))).toEqual(new Set(['link_used']));
      expect((await login(user.email, passwordOf(winners[0]!))).status).toBe(200);
    }
  });

  it(`one of link and code wins when both wait for the same row, in each of ${ROUNDS} rounds`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { user, token, code } = await asked();
      const lock = await RowLock.take(app, LOCK_USER, [user.id]);
      const both = [
        reset({ token, password: passwordOf(0) }),
        reset({ email: user.email, code, password: passwordOf(1) }),
      ];
      await lock.isWaitedFor(2);
      await lock.release();
      const statuses = (await Promise.all(both)).map(({ status }) => status);
      expect(statuses.filter((status) => status === 204)).toHaveLength(1);
      expect((await login(user.email, passwordOf(statuses.indexOf(204)))).status).toBe(200);
    }
  });

  it('a link of another mail opens nothing once a reset has locked the user before it', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { user, token } = await asked();
      await app.http.post('/auth/password/recovery', { email: user.email });
      const [newer] = await mailbox.mailsTo(user.email, 2);
      const lock = await RowLock.take(app, LOCK_USER, [user.id]);
      const first = reset({ token, password: passwordOf(0) });
      await lock.isWaitedFor(1);
      const second = reset({ token: tokenIn(newer!), password: passwordOf(1) });
      await lock.isWaitedFor(2);
      await lock.release();
      expect((await first).status).toBe(204);
      expect(await second).toMatchObject({ status: 410, body: { code: 'link_used' } });
    }
  });

  it('a sign-in with the old password that is under way comes to nothing', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { user, token } = await asked();
      // The password was found right, and the session is not open yet.
      const gate = Gate.before(app.app.get(SessionsService), 'open');
      const signingIn = login(user.email, PASSWORD);
      await gate.reached(1);
      expect((await reset({ token, password: passwordOf(0) })).status).toBe(204);
      gate.open();
      expect((await signingIn).status).toBe(401);
    }
  });
});
