import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsersService } from '../../src/users/users.service.js';
import { InvitationsService } from '../../src/accounts/invitations/invitations.service.js';
import { BY_TEST } from '../support/cause.js';
import { PASSWORD } from '../support/create-app.js';
import { Mailbox, tokenIn } from '../support/mailbox.js';

const OWN = 'nine purple umbrellas';
const INVITED = 'You are invited';
const DAY = 24 * 3600;

interface Body {
  id: string;
  code: string;
  user_id: string | null;
  roles: string[];
}

let people = 0;
const somebody = () => `invited${++people}@example.com`;

describe('an administrator invites', () => {
  let mailbox: Mailbox;
  let admin: string;
  beforeAll(async () => {
    mailbox = await Mailbox.start({ REGISTRATION: 'closed', EMAIL_VERIFICATION: 'required' });
    admin = await adminOf(mailbox);
  });
  afterAll(() => mailbox.close());

  const adminOf = async ({ app }: Mailbox) => {
    const { email } = await app.createUser({ email: 'boss@example.com', roles: ['admin'], emailVerified: true });
    return (await app.login(email)).access_token;
  };
  const invite = (body: object) => mailbox.app.http.post<Body>('/invitations', body, { token: admin });
  const accept = (body: object) => mailbox.app.http.post<Body>('/auth/invitations/accept', body);
  const statusOfLogin = async (email: string, password = OWN) =>
    (await mailbox.app.http.post('/auth/login', { email, password })).status;
  const linkTo = async (email: string) => tokenIn(await mailbox.newest(email, INVITED));

  it('a new person, who chooses a password and has the account with its roles', async () => {
    const email = somebody();
    const made = await invite({ email, roles: ['user', 'orders:approver'], locale: 'en' });
    expect(made).toMatchObject({ status: 201, body: { email, roles: ['user', 'orders:approver'], user_id: null } });
    const token = await linkTo(email);
    expect((await accept({ token, password: 'password1' })).status).toBe(400);
    expect((await accept({ token, password: OWN, display_name: 'Erin' })).status).toBe(204);
    expect((await accept({ token, password: OWN })).body.code).toBe('link_used');
    const signedIn = await mailbox.app.login(email, OWN);
    const me = await mailbox.app.http.get('/users/me', { token: signedIn.access_token });
    expect(me.body).toMatchObject({
      email,
      display_name: 'Erin',
      roles: ['user', 'orders:approver'],
      email_verified_at: expect.any(String),
    });
  });

  it('the owner of an account that was made without a password, which keeps its id and roles', async () => {
    const { id, email } = await mailbox.app.createUser({ email: somebody(), password: undefined, roles: ['imported'] });
    const roles = await invite({ email, roles: ['user'] });
    expect(roles).toMatchObject({ status: 400, body: { errors: [{ field: 'roles', code: 'has_account' }] } });
    expect((await invite({ email })).body).toMatchObject({ user_id: id, roles: ['imported'] });
    expect((await accept({ token: await linkTo(email), password: OWN })).status).toBe(204);
    const { access_token: token } = await mailbox.app.login(email, OWN);
    expect((await mailbox.app.http.get('/users/me', { token })).body).toMatchObject({ id, roles: ['imported'] });
  });

  it('nobody who has an account, and nobody twice', async () => {
    const { email } = await mailbox.app.createUser();
    expect((await invite({ email: email.toUpperCase() })).body.code).toBe('email_taken');
    const invited = somebody();
    const answers = await Promise.all(Array.from({ length: 4 }, () => invite({ email: invited })));
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, 409, 409, 409]);
    expect((await invite({ email: invited })).body.code).toBe('already_invited');
    expect(await mailbox.settled(invited)).toHaveLength(1);
  });

  it('and sees who has not accepted yet, newest first', async () => {
    const emails = [somebody(), somebody(), somebody()];
    for (const email of emails) await invite({ email });
    const page = (query: string) =>
      mailbox.app.http.get<{ items: { email: string }[]; next_cursor: string; total: number }>(`/invitations${query}`, {
        token: admin,
      });
    const first = (await page('?limit=2')).body;
    expect(first.items.map(({ email }) => email)).toEqual([emails[2], emails[1]]);
    const second = (await page(`?limit=1&cursor=${first.next_cursor}`)).body;
    expect(second.items[0]!.email).toBe(emails[0]);
    expect(second.total).toBeGreaterThanOrEqual(3);
  });

  it('and withdraws it: the link opens nothing', async () => {
    const email = somebody();
    const { id } = (await invite({ email })).body;
    const token = await linkTo(email);
    expect((await mailbox.app.http.delete(`/invitations/${id}`, { token: admin })).status).toBe(204);
    expect((await mailbox.app.http.delete(`/invitations/${id}`, { token: admin })).status).toBe(404);
    expect((await accept({ token, password: OWN })).body.code).toBe('link_used');
    expect(await statusOfLogin(email)).toBe(401);
  });

  it('for a time, and again after it: all mails work then', async () => {
    const email = somebody();
    const { id } = (await invite({ email, expires_in: DAY })).body;
    const token = await linkTo(email);
    mailbox.app.clock.advance(DAY);
    admin = (await mailbox.app.login('boss@example.com')).access_token;
    expect((await accept({ token, password: OWN })).body.code).toBe('link_expired');
    const again = await mailbox.app.http.post(`/invitations/${id}/resend`, { expires_in: DAY }, { token: admin });
    expect(again.status).toBe(204);
    expect(await mailbox.mailsTo(email, 2)).toHaveLength(2);
    expect((await accept({ token, password: OWN })).status).toBe(204);
    expect(await statusOfLogin(email)).toBe(200);
  });

  it('not without end: five mails an hour to one address', async () => {
    const email = somebody();
    const { id } = (await invite({ email })).body;
    const statuses = [];
    for (let n = 0; n < 6; n++)
      statuses.push((await mailbox.app.http.post(`/invitations/${id}/resend`, {}, { token: admin })).status);
    expect(statuses).toEqual([204, 204, 204, 204, 429, 429]);
  });

  it('a person who has registered meanwhile, and gets the account with the roles besides', async () => {
    const email = somebody();
    await invite({ email, roles: ['orders:approver'] });
    const token = await linkTo(email);
    await mailbox.app.createUser({ email });
    expect((await accept({ token, password: OWN })).status).toBe(204);
    expect([await statusOfLogin(email, PASSWORD), await statusOfLogin(email)]).toEqual([401, 200]);
    const { access_token } = await mailbox.app.login(email, OWN);
    const me = await mailbox.app.http.get<Body>('/users/me', { token: access_token });
    expect(me.body.roles).toEqual(['user', 'orders:approver']);
  });

  it('a person who has verified an account meanwhile, which stays as it is', async () => {
    const email = somebody();
    await invite({ email });
    const token = await linkTo(email);
    await mailbox.app.createUser({ email, emailVerified: true });
    expect((await accept({ token, password: OWN })).body.code).toBe('email_taken');
    expect([await statusOfLogin(email, PASSWORD), await statusOfLogin(email)]).toEqual([200, 401]);
  });

  it('to an account that was disabled, deleted or moved: the link opens nothing', async () => {
    const users = mailbox.app.app.get(UsersService);
    const changes = [
      (id: string) => users.update(id, { status: 'disabled' }, BY_TEST),
      (id: string) => users.update(id, { email: somebody() }, BY_TEST),
      (id: string) => users.delete(id, BY_TEST),
    ];
    for (const change of changes) {
      const { id, email } = await mailbox.app.createUser({ email: somebody(), password: undefined });
      await invite({ email });
      const token = await linkTo(email);
      await change(id);
      expect((await accept({ token, password: OWN })).body.code).toBe('link_invalid');
    }
  });

  it('and what has expired long ago is forgotten', async () => {
    const email = somebody();
    const { id } = (await invite({ email, expires_in: 3600 })).body;
    const invitations = mailbox.app.app.get(InvitationsService);
    await mailbox.app.dataSource.query(
      `UPDATE invitations SET expires_at = expires_at - interval '31 days' WHERE id = $1`,
      [id],
    );
    await invitations.purge();
    expect(await invitations.find(id)).toBeNull();
  });
});
