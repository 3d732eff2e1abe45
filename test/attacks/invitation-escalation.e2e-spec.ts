import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mailbox, tokenIn } from '../support/mailbox.js';
import { ServiceAccount } from '../support/service-account.js';

const OWN = 'nine purple umbrellas';
const ROUNDS = 30;

describe('gaining by an invitation what nobody has granted', () => {
  let mailbox: Mailbox;
  let admin: string;
  let service: string;
  beforeAll(async () => {
    mailbox = await Mailbox.start({ RATE_LIMITS: 'false' });
    admin = await mailbox.app.adminToken();
    const account = await ServiceAccount.create(mailbox.app, admin, { scopes: ['users:write'] });
    service = await account.token();
  });
  afterAll(() => mailbox.close());

  const invite = (token: string, body: object) =>
    mailbox.app.http.post<{ id: string; code: string }>('/invitations', body, { token });
  const accept = (body: object) => mailbox.app.http.post<{ code: string }>('/auth/invitations/accept', body);

  it.each(['admin', 'support', 'auditor', 'impersonator'])('a service invites nobody to the role %s', async (role) => {
    const answer = await invite(service, { email: `${role}@example.com`, roles: ['user', role] });
    expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect((await invite(service, { email: `no-${role}@example.com`, roles: ['user'] })).status).toBe(201);
  });

  it('a service reaches no invitation to such a role: neither its mail nor its end', async () => {
    const { id } = (await invite(admin, { email: 'next-admin@example.com', roles: ['admin'] })).body;
    const resend = await mailbox.app.http.post(`/invitations/${id}/resend`, {}, { token: service });
    const remove = await mailbox.app.http.delete(`/invitations/${id}`, { token: service });
    expect([resend.status, remove.status]).toEqual([403, 403]);
  });

  it('a service invites nobody to the account of an administrator that has no password', async () => {
    const { email } = await mailbox.app.createUser({ password: undefined, roles: ['admin'] });
    expect((await invite(service, { email })).status).toBe(403);
  });

  it('the invited person chooses no roles, no address and no id', async () => {
    await invite(admin, { email: 'modest@example.com' });
    const token = tokenIn(await mailbox.newest('modest@example.com', 'You are invited'));
    for (const more of [
      { roles: ['admin'] },
      { email: 'other@example.com' },
      { id: '0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a' },
    ])
      expect((await accept({ token, password: OWN, ...more })).status).toBe(400);
    expect((await accept({ token, password: OWN })).status).toBe(204);
  });

  it(`one of ten who open a link together gets the account, in each of ${ROUNDS} rounds`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const email = `race${round}@example.com`;
      await invite(admin, { email });
      const token = tokenIn(await mailbox.newest(email, 'You are invited'));
      const passwords = Array.from({ length: 10 }, (_, n) => `${OWN} ${n}`);
      const answers = await Promise.all(passwords.map((password) => accept({ token, password })));
      const winners = passwords.filter((_, n) => answers[n]!.status === 204);
      expect(winners).toHaveLength(1);
      expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
      expect((await mailbox.app.http.post('/auth/login', { email, password: winners[0] })).status).toBe(200);
    }
  });
});
