import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';
import { CALLBACK, codeOf, RelyingParty, Visitor } from '../support/relying-party.js';

const ROUNDS = 40;
const AT_ONCE = 10;

describe('using an authorization code of somebody else', () => {
  let app: TestApp;
  let party: RelyingParty;
  let visitor: Visitor;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    party = await RelyingParty.create(app);
    visitor = new Visitor(app.http);
    await party.signIn(visitor, (await app.createUser()).email);
  });
  afterAll(() => app.close());

  const newCode = async (from = party, parameters = {}) =>
    codeOf((await visitor.follow(from.request({ prompt: 'none', ...parameters }))).location);

  it(`in parallel opens one session, in each of ${ROUNDS} rounds of ${AT_ONCE}`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const code = await newCode();
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => party.redeem(code)));
      const won = answers.filter(({ status }) => status === 200);
      expect(won.length, `round ${round}`).toBe(1);
      for (const { status, body } of answers.filter((answer) => answer !== won[0])) {
        expect([status, body.error]).toEqual([400, 'invalid_grant']);
      }
    }
  });

  it('ends the session that it has opened: one of the two who have it is a thief', async () => {
    const code = await newCode();
    const { body: tokens } = await party.redeem(code);
    expect((await app.http.get('/auth/me', { token: tokens.access_token })).status).toBe(200);
    expect((await party.redeem(code)).body.error).toBe('invalid_grant');
    expect((await app.http.get('/auth/me', { token: tokens.access_token })).status).toBe(401);
    expect((await party.refresh(tokens.refresh_token)).body.error).toBe('invalid_grant');
    // The session of the browser goes on.
    expect(await newCode()).toMatch(/^cso_/);
  });

  it('opens nothing for another application, and does not end what the code has opened', async () => {
    const other = await RelyingParty.create(app);
    const code = await newCode();
    expect((await other.redeem(code, { code_verifier: party.verifier })).body.error).toBe('invalid_grant');
    const { status, body } = await party.redeem(code);
    expect(status).toBe(200);
    expect((await other.redeem(code)).body.error).toBe('invalid_grant');
    expect((await app.http.get('/auth/me', { token: body.access_token })).status).toBe(200);
  });

  it.each([
    ['another verifier', { code_verifier: 'a'.repeat(43) }],
    ['the challenge as verifier', { code_verifier: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM' }],
    ['another address', { redirect_uri: `${CALLBACK}/` }],
    ['a code with another end', { code: 'cso_AAAA' }],
  ])('opens nothing with %s', async (_, parameters) => {
    expect((await party.redeem(await newCode(), parameters)).body.error).toBe('invalid_grant');
  });

  it('opens nothing without a verifier', async () => {
    const code = await newCode();
    const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK };
    expect((await party.token(form)).body.error).toBe('invalid_grant');
  });

  it('opens nothing after a minute', async () => {
    const code = await newCode();
    app.clock.advance(61);
    expect((await party.redeem(code)).body.error).toBe('invalid_grant');
  });

  it('opens nothing once the person has signed out of the browser, or lost access', async () => {
    const user = await app.createUser();
    const browser = new Visitor(app.http);
    await party.signIn(browser, user.email);
    const code = codeOf((await browser.follow(party.request({ prompt: 'none' }))).location);
    await browser.send('POST', '/auth/logout');
    expect((await party.redeem(code)).body.error).toBe('invalid_grant');
    await party.signIn(browser, user.email);
    const next = codeOf((await browser.follow(party.request({ prompt: 'none' }))).location);
    await app.http.patch(`/users/${user.id}`, { status: 'disabled' }, { token: await app.adminToken() });
    expect((await party.redeem(next)).body.error).toBe('invalid_grant');
  });

  it('opens a session that ends no later than that of the browser', async () => {
    const { body } = await party.redeem(await newCode());
    const { sid } = decodeToken<{ sid: string }>(body.access_token).claims;
    const [row] = await app.dataSource.query<{ ok: boolean }[]>(
      `SELECT c.expires_at <= p.expires_at AS ok FROM sessions AS c JOIN sessions AS p ON p.id = c.parent_id
       WHERE c.client_id = $1 ORDER BY c.created_at DESC LIMIT 1`,
      [party.id],
    );
    expect([sid.length, row!.ok]).toEqual([22, true]);
  });
});
