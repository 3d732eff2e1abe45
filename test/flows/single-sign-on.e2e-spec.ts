import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';
import { answerOf, CALLBACK, codeOf, RelyingParty, Visitor } from '../support/relying-party.js';

describe('signing in to an application', () => {
  let app: TestApp;
  let party: RelyingParty;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    party = await RelyingParty.create(app, { post_logout_redirect_uris: ['https://app.example/'] });
  });
  afterAll(() => app.close());

  const issuer = () => app.http.get<{ issuer: string }>('/.well-known/openid-configuration');

  it('leads to a page with a form, and back with a code, which opens a session of the application', async () => {
    const user = await app.createUser({ displayName: 'Alice' });
    const visitor = new Visitor(app.http);
    const page = await visitor.follow(party.request());
    expect([page.status, page.path.split('?')[0]]).toEqual([200, '/sign-in']);
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self' https://app.example;");
    const { status, location } = await visitor.submit(page, {
      email: user.email,
      password: 'correct horse battery staple',
    });
    expect(status).toBe(303);
    expect(location?.startsWith(`${CALLBACK}?`)).toBe(true);
    const { body: metadata } = await issuer();
    expect(answerOf(location)).toEqual({ code: expect.any(String) as string, state: 'a state', iss: metadata.issuer });

    const { body: tokens } = await party.redeem(codeOf(location));
    expect(tokens).toMatchObject({ token_type: 'Bearer', scope: 'openid profile email' });
    const access = decodeToken(tokens.access_token).claims;
    const id = decodeToken(tokens.id_token!).claims;
    expect(access).toMatchObject({ sub: user.id, client_id: party.id, aud: 'api', scope: 'openid profile email' });
    expect(id).toMatchObject({
      iss: metadata.issuer,
      sub: user.id,
      aud: party.id,
      sid: access['sid'],
      nonce: 'a nonce',
      acr: 'aal1',
      amr: ['pwd'],
      name: 'Alice',
      email: user.email,
      email_verified: false,
    });
    const claims = await app.http.get('/oauth/userinfo', { token: tokens.access_token });
    expect(claims.body).toMatchObject({ sub: user.id, name: 'Alice', email: user.email, email_verified: false });
    expect((await app.http.send('POST', '/oauth/userinfo', { token: tokens.access_token })).body).toEqual(claims.body);
    expect((await app.http.get('/auth/me', { token: tokens.access_token })).status).toBe(200);

    const { body: refreshed } = await party.refresh(tokens.refresh_token);
    expect(decodeToken(refreshed.access_token).claims).toMatchObject({ sid: access['sid'], client_id: party.id });
    expect(decodeToken(refreshed.id_token!).claims).toMatchObject({ sub: user.id, auth_time: id['auth_time'] });
  });

  it('asks nobody twice: the session of the browser is the single sign-on', async () => {
    const user = await app.createUser();
    const visitor = new Visitor(app.http);
    await party.signIn(visitor, user.email);
    const other = await RelyingParty.create(app);
    const { location } = await visitor.follow(other.request({ prompt: 'none' }));
    expect((await other.redeem(codeOf(location))).status).toBe(200);
    for (const parameters of [{ prompt: 'login' }, { prompt: 'select_account' }, { max_age: '0' }]) {
      app.clock.advance(2);
      const page = await visitor.follow(other.request(parameters));
      expect(page.path.split('?')[0]).toBe('/sign-in');
    }
  });

  it('answers by a form where the application asks for one', async () => {
    const user = await app.createUser();
    const answer = await new Visitor(app.http).signInAt(party.request({ response_mode: 'form_post' }), user.email);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-security-policy')).toContain("form-action 'self' https://app.example;");
    expect(answer.text).toContain(`<form method="post" action="${CALLBACK}">`);
    expect(answer.text).toMatch(/<input type="hidden" name="code" value="cso_/);
  });

  it('takes the request by POST too, and goes on by GET, to which the browser sends its cookie', async () => {
    const form = new URLSearchParams(party.request().split('?')[1]).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await app.http.send('POST', '/oauth/authorize', { headers, body: form });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe(`authorize?${form}`);
  });

  it('tells the application why not, where it may know', async () => {
    const refused = async (parameters: Record<string, string | undefined>) => {
      const { location } = await new Visitor(app.http).follow(party.request(parameters));
      return answerOf(location);
    };
    const { body: metadata } = await issuer();
    expect(await refused({ prompt: 'none' })).toMatchObject({
      error: 'login_required',
      iss: metadata.issuer,
      state: 'a state',
    });
    expect(await refused({ response_type: 'token' })).toMatchObject({ error: 'unsupported_response_type' });
    expect(await refused({ code_challenge: undefined, code_challenge_method: undefined })).toMatchObject({
      error: 'invalid_request',
    });
    expect(await refused({ scope: 'openid admin' })).toMatchObject({ error: 'invalid_scope' });
    expect(await refused({ resource: 'https://other.example' })).toMatchObject({ error: 'invalid_target' });
  });

  it('shows a page, and redirects nobody, where the application or its address is not known', async () => {
    for (const parameters of [
      { client_id: 'svc_AAAAAAAAAAAAAAAA' },
      { client_id: undefined },
      { redirect_uri: 'https://evil.example/callback' },
      { redirect_uri: undefined },
    ]) {
      const page = await new Visitor(app.http).follow(party.request(parameters));
      expect(page.status).toBe(400);
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(page.location).toBeNull();
    }
  });

  it('shows the form again where the password is wrong, in the language of the application', async () => {
    const user = await app.createUser();
    const answer = await new Visitor(app.http).signInAt(party.request({ ui_locales: 'de' }), user.email, 'wrong');
    expect(answer.status).toBe(401);
    expect(answer.text).toContain('Die Adresse oder das Passwort stimmt nicht.');
    expect(answer.text).toContain(`value="${user.email}"`);
    expect(answer.text).not.toContain('value="wrong"');
  });
});

describe('an application of others', () => {
  let app: TestApp;
  let party: RelyingParty;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    party = await RelyingParty.create(app, { first_party: false, name: 'Portal', scopes: ['orders:read'] });
  });
  afterAll(() => app.close());

  const scope = { scope: 'openid email orders:read' };

  it('gets access once its person consents, which is remembered, listed, and can be taken away', async () => {
    const user = await app.createUser();
    const own = await app.login(user.email);
    const visitor = new Visitor(app.http);
    const { location } = await visitor.signInAt(party.request(scope), user.email);
    const page = await visitor.follow(`/${location}`);
    expect(page.path.split('?')[0]).toBe('/consent');
    expect(page.text).toContain('Portal asks for access');
    expect(page.text).toContain('orders:read');
    const allowed = await visitor.submit(page, { consent: 'allow' });
    const { body: tokens } = await party.redeem(codeOf(allowed.location));
    expect(decodeToken(tokens.access_token).claims['scope']).toBe('openid email orders:read');
    // It has the claims of the person, and not their account.
    expect((await app.http.get('/oauth/userinfo', { token: tokens.access_token })).status).toBe(200);
    expect((await app.http.get('/auth/me', { token: tokens.access_token })).status).toBe(401);

    const again = await visitor.follow(party.request({ ...scope, prompt: 'none' }));
    expect(answerOf(again.location)).toHaveProperty('code');
    const more = await visitor.follow(party.request({ scope: 'openid profile', prompt: 'none' }));
    expect(answerOf(more.location)['error']).toBe('consent_required');

    const listed = await app.http.get<{ items: { client_id: string }[] }>('/consents', { token: own.access_token });
    expect(listed.body.items).toMatchObject([{ client_id: party.id, name: 'Portal' }]);
    const revoked = await app.http.delete(`/consents/${party.id}`, { token: own.access_token });
    expect(revoked.status).toBe(204);
    expect((await party.refresh(tokens.refresh_token)).body.error).toBe('invalid_grant');
    expect((await app.http.get('/oauth/userinfo', { token: tokens.access_token })).status).toBe(401);
    const after = await visitor.follow(party.request({ ...scope, prompt: 'none' }));
    expect(answerOf(after.location)['error']).toBe('consent_required');
  });

  it('is told that its person refuses', async () => {
    const user = await app.createUser();
    const visitor = new Visitor(app.http);
    const { location } = await visitor.signInAt(party.request(scope), user.email);
    const page = await visitor.follow(`/${location}`);
    const refused = await visitor.submit(page, { consent: 'deny' });
    expect(answerOf(refused.location)).toMatchObject({ error: 'access_denied', state: 'a state' });
    // The interaction has ended.
    expect((await visitor.submit(page, { consent: 'allow' })).status).toBe(400);
  });

  it('may not call this service for its person, whatever audience it has', async () => {
    const wide = await RelyingParty.create(app, { first_party: false, audiences: ['api'] });
    const user = await app.createUser({ roles: ['user', 'admin'] });
    const visitor = new Visitor(app.http);
    const { location } = await visitor.signInAt(wide.request(), user.email);
    const allowed = await visitor.submit(await visitor.follow(`/${location}`), { consent: 'allow' });
    const { access_token: token } = (await wide.redeem(codeOf(allowed.location))).body;
    for (const path of ['/auth/me', '/users', '/sessions']) {
      expect((await app.http.get(path, { token })).status, path).toBe(403);
    }
  });
});

describe('a sign-in page of the operator', () => {
  it('gets every interaction, and the browser goes on from there', async () => {
    const app = await TestApp.start({ RATE_LIMITS: 'false', INTERACTION_URL: 'https://app.example/sign-in' });
    try {
      const party = await RelyingParty.create(app, { first_party: false });
      const user = await app.createUser();
      const visitor = new Visitor(app.http);
      const { location } = await visitor.follow(party.request());
      expect(location).toMatch(/^https:\/\/app\.example\/sign-in\?interaction=cso_/);
      const base = `/interactions/${new URL(location!).searchParams.get('interaction')}`;
      const credentials = { email: user.email, password: 'correct horse battery staple' };
      const { body } = await visitor.send('POST', `${base}/sign-in`, { body: credentials });
      expect(body).toEqual({ step: 'consent', redirect_to: null, form_post: null });
      const again = await visitor.follow(party.request());
      expect(again.location).toMatch(/^https:\/\/app\.example\/sign-in\?interaction=cso_/);
      expect(
        (await visitor.get(`/interactions/${new URL(again.location!).searchParams.get('interaction')}`)).body,
      ).toMatchObject({
        step: 'consent',
      });
    } finally {
      await app.close();
    }
  });
});

describe('a front end of the operator', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ RATE_LIMITS: 'false' })));
  afterAll(() => app.close());

  it('signs people in by the same interactions as JSON', async () => {
    const party = await RelyingParty.create(app, { first_party: false, name: 'Portal' });
    const user = await app.createUser();
    const visitor = new Visitor(app.http);
    const { path } = await visitor.follow(party.request());
    const base = `/interactions/${new URLSearchParams(path.split('?')[1]).get('interaction')}`;
    expect((await visitor.get(base)).body).toMatchObject({
      step: 'sign_in',
      client: { name: 'Portal' },
      signed_in_as: null,
    });
    const wrong = await visitor.send('POST', `${base}/sign-in`, { body: { email: user.email, password: 'wrong' } });
    expect([wrong.status, wrong.body.code]).toEqual([401, 'invalid_credentials']);
    const credentials = { email: user.email, password: 'correct horse battery staple' };
    const signedIn = await visitor.send('POST', `${base}/sign-in`, { body: credentials });
    expect(signedIn.body).toEqual({ step: 'consent', redirect_to: null, form_post: null });
    expect((await visitor.get(base)).body).toMatchObject({ step: 'consent', signed_in_as: user.email });
    const settled = await visitor.send<{ redirect_to: string }>('POST', `${base}/consent`, { body: { consent: true } });
    expect((await party.redeem(codeOf(settled.body.redirect_to))).status).toBe(200);
  });
});
