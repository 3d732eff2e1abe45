import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';
import { answerOf, CALLBACK, codeOf, RelyingParty, Visitor } from '../support/relying-party.js';

describe('taking PKCE out of a request', () => {
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

  const without = { code_challenge: undefined, code_challenge_method: undefined };

  it.each([
    ['no challenge', without],
    ['the method plain', { code_challenge_method: 'plain' }],
    ['no method, which means plain', { code_challenge_method: undefined }],
    ['an unknown method', { code_challenge_method: 's256' }],
    ['a challenge that is no hash', { code_challenge: 'short' }],
    ['an empty challenge', { code_challenge: '' }],
  ])('is refused: %s', async (_, parameters) => {
    const { location } = await visitor.follow(party.request(parameters));
    expect(answerOf(location)).toMatchObject({ error: 'invalid_request', state: 'a state' });
    expect(answerOf(location)).not.toHaveProperty('code');
  });

  it('is noticed where the client may do without: its verifier has no challenge (RFC 9700 4.8.2)', async () => {
    const confidential = await RelyingParty.create(app, { type: 'confidential', require_pkce: false });
    const code = codeOf((await visitor.follow(confidential.request(without))).location);
    expect((await confidential.redeem(code)).body.error).toBe('invalid_grant');
    const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK };
    expect((await confidential.token(form)).status).toBe(200);
  });

  it('does not take the verifier away from a code with a challenge', async () => {
    const confidential = await RelyingParty.create(app, { type: 'confidential', require_pkce: false });
    const code = codeOf((await visitor.follow(confidential.request())).location);
    const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK };
    expect((await confidential.token(form)).body.error).toBe('invalid_grant');
  });
});
