import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';
import { codeOf, hiddenFieldsOf, RelyingParty, Visitor } from '../support/relying-party.js';
import { Authenticator, firstStep, type MfaRequired } from '../support/second-factor.js';

const SAME_ORIGIN = { headers: { 'sec-fetch-site': 'same-origin' } };

describe('signing in to an application with a second factor', () => {
  let app: TestApp;
  let party: RelyingParty;
  beforeAll(async () => {
    app = await TestApp.start();
    party = await RelyingParty.create(app);
  });
  afterAll(() => app.close());

  const person = async () => {
    const { user, tokens } = await app.signedInUser();
    const token = tokens.access_token;
    const phone = await Authenticator.setUp(app, token);
    const { body } = await app.http.post<{ codes: string[] }>('/mfa/recovery-codes', undefined, { token });
    return { email: user.email, phone, codes: body.codes };
  };

  it('asks for it on a page, again where the code is wrong, and tells the application', async () => {
    const { email, phone } = await person();
    const visitor = new Visitor(app.http);
    const page = await visitor.signInAt(party.request(), email);
    expect(page.text).toContain('Your second factor');
    expect(page.text).toContain('your list of recovery codes');
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self' https://app.example;");
    const step = { path: '/sign-in/second-factor', text: page.text };
    const wrong = await visitor.submit(step, { method: 'totp', code: phone.wrongCode() });
    expect(wrong.text).toContain('The code is wrong');
    const { location, status } = await visitor.submit(
      { path: '/sign-in/second-factor', text: wrong.text },
      { method: 'totp', code: phone.code() },
    );
    expect(status).toBe(303);
    const { body: tokens } = await party.redeem(codeOf(location));
    for (const token of [tokens.id_token!, tokens.access_token])
      expect(decodeToken(token).claims).toMatchObject({ acr: 'aal2', amr: ['pwd', 'otp'] });
    // The session of the browser is the single sign-on.
    expect((await visitor.follow(party.request({ prompt: 'none' }))).location).toContain('code=');
  });

  it('takes a recovery code in place of the phone', async () => {
    const { email, codes } = await person();
    const visitor = new Visitor(app.http);
    const { text } = await visitor.signInAt(party.request(), email);
    const step = { path: '/sign-in/second-factor', text };
    const { location } = await visitor.submit(step, { method: 'recovery-code', code: codes[0]! });
    expect((await party.redeem(codeOf(location))).status).toBe(200);
  });

  it('ends with a page where the ticket is of another browser, or was used', async () => {
    const { email, phone } = await person();
    const visitor = new Visitor(app.http);
    const { text } = await visitor.signInAt(party.request(), email);
    const other = new Visitor(app.http);
    const stolen = await other.follow(party.request());
    const { mfa_token } = hiddenFieldsOf(text);
    const theirs = { path: '/sign-in/second-factor', text: stolen.text };
    const attempt = await other.submit(theirs, {
      mfa_token: mfa_token!,
      methods: 'totp',
      method: 'totp',
      code: phone.code(),
    });
    expect(attempt.status).toBe(401);
    expect(attempt.text).toContain('began in another browser');
    const step = { path: '/sign-in/second-factor', text };
    expect((await visitor.submit(step, { method: 'totp', code: phone.code() })).status).toBe(303);
    app.clock.advance(30);
    expect((await visitor.submit(step, { method: 'totp', code: phone.code() })).status).toBe(400);
  });

  it('takes no ticket of a sign-in for tokens', async () => {
    const { email, phone } = await person();
    const visitor = new Visitor(app.http);
    const page = await visitor.follow(party.request());
    const { mfa_token } = (await firstStep(app, email, PASSWORD)).body;
    const fields = { mfa_token, methods: 'totp', method: 'totp', code: phone.code() };
    const answer = await visitor.submit({ path: '/sign-in/second-factor', text: page.text }, fields);
    expect(answer.status).toBe(401);
  });

  it('is possible as JSON, for front ends that have pages of their own', async () => {
    const { email, phone } = await person();
    const visitor = new Visitor(app.http);
    const { path } = await visitor.follow(party.request());
    const id = new URL(path, 'http://here').searchParams.get('interaction')!;
    const first = await visitor.send<MfaRequired>('POST', `/interactions/${id}/sign-in`, {
      ...SAME_ORIGIN,
      body: { email, password: PASSWORD },
    });
    expect(first.body).toMatchObject({ code: 'mfa_required', methods: ['totp', 'recovery-code'] });
    const { mfa_token } = first.body;
    const second = await visitor.send<{ redirect_to: string }>('POST', `/interactions/${id}/second-factor`, {
      ...SAME_ORIGIN,
      body: { mfa_token, method: 'totp', code: phone.code() },
    });
    expect(second.status).toBe(200);
    expect(JSON.stringify(second.body)).toContain('code=');
    const unknown = await visitor.send<MfaRequired>('POST', `/interactions/${id}/second-factor`, {
      ...SAME_ORIGIN,
      body: { mfa_token, method: 'constructor', code: '123456' },
    });
    expect(unknown.status).toBe(400);
  });
});
