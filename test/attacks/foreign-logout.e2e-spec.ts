import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';
import { RelyingParty, Visitor } from '../support/relying-party.js';

describe('signing somebody else out by an ID token', () => {
  let app: TestApp;
  let party: RelyingParty;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    party = await RelyingParty.create(app);
  });
  afterAll(() => app.close());

  const endSession = (hint: string, more = {}) =>
    `/oauth/end-session?${new URLSearchParams({ id_token_hint: hint, ...more }).toString()}`;

  /** Opens the address in the browser of a victim. Tells whether they are still signed in. */
  async function survives(victim: Visitor, token: string, path: string): Promise<boolean> {
    const answer = await victim.follow(path);
    expect(answer.status).toBe(200);
    return (await app.http.get('/auth/me', { token })).status === 200 && victim.session !== undefined;
  }

  it('asks the victim, whatever token the attacker has', async () => {
    const user = await app.createUser();
    const victim = new Visitor(app.http);
    const own = await party.signIn(victim, user.email);
    const attacker = await party.signIn(new Visitor(app.http), (await app.createUser()).email);
    // The same person in another browser.
    const elsewhere = await party.signIn(new Visitor(app.http), user.email);
    const other = await RelyingParty.create(app);
    const [header, , signature] = decodeToken(own.id_token!).segments;
    const changed = { ...decodeToken(own.id_token!).claims, sub: user.id };
    const payload = Buffer.from(JSON.stringify({ ...changed, nonce: 'x' })).toString('base64url');
    for (const [name, hint, more] of [
      ['of the attacker', attacker.id_token!, {}],
      ['of another browser', elsewhere.id_token!, {}],
      ['an access token', own.access_token, {}],
      ['a refresh token', own.refresh_token, {}],
      ['with another payload', `${header}.${payload}.${signature}`, {}],
      ['without a signature', `${own.id_token!.split('.').slice(0, 2).join('.')}.`, {}],
      ['no token', 'hint', {}],
      ['for another client', own.id_token!, { client_id: other.id }],
    ] as const) {
      expect(await survives(victim, own.access_token, endSession(hint, more)), name).toBe(true);
    }
    // The token of this browser's own session needs no question.
    expect(await survives(victim, own.access_token, endSession(own.id_token!))).toBe(false);
  });

  it('does not tell who is signed in to a page of another site', async () => {
    const answer = await app.http.get('/oauth/end-session');
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});
