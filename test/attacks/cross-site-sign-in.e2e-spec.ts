import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { hiddenFieldsOf, RelyingParty, Visitor } from '../support/relying-party.js';

const EVIL = [
  { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
  { 'sec-fetch-site': 'same-site', origin: 'https://evil.localhost' },
  { 'sec-fetch-site': 'none' },
  { 'sec-fetch-site': '', origin: 'null' },
  { 'sec-fetch-site': '' },
];

describe('sending a form of another site (login CSRF, consent CSRF)', () => {
  let app: TestApp;
  let party: RelyingParty;
  beforeAll(async () => {
    // Not even the pages that may call the API send forms.
    app = await TestApp.start({ RATE_LIMITS: 'false', CORS_ORIGINS: 'https://evil.localhost' });
    party = await RelyingParty.create(app, { first_party: false });
  });
  afterAll(() => app.close());

  const post = (visitor: Visitor, path: string, fields: Record<string, string>, headers = {}) => {
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams(fields).toString();
    return visitor.send('POST', path, { headers: { ...type, ...headers }, body });
  };

  it.each(EVIL)('signs nobody in with %j', async (headers) => {
    const attacker = await app.createUser();
    const victim = new Visitor(app.http);
    const page = await victim.follow(party.request());
    const fields = { ...hiddenFieldsOf(page.text), email: attacker.email, password: PASSWORD };
    const answer = await post(victim, '/sign-in', fields, headers);
    expect([answer.status, victim.session]).toEqual([403, undefined]);
  });

  it.each(EVIL)('consents for nobody with %j', async (headers) => {
    const user = await app.createUser();
    const victim = new Visitor(app.http);
    const { location } = await victim.signInAt(party.request(), user.email);
    const page = await victim.follow(`/${location}`);
    const fields = { ...hiddenFieldsOf(page.text), consent: 'allow' };
    expect((await post(victim, '/consent', fields, headers)).status).toBe(403);
    expect(await app.dataSource.query('SELECT * FROM consents WHERE user_id = $1', [user.id])).toEqual([]);
    // The same form from the page itself.
    expect((await post(victim, '/consent', fields)).status).toBe(303);
  });

  it('needs the token of the form, which belongs to the browser and to this interaction', async () => {
    const attacker = new Visitor(app.http);
    const victim = new Visitor(app.http);
    const user = await app.createUser();
    const theirs = hiddenFieldsOf((await attacker.follow(party.request())).text);
    const own = hiddenFieldsOf((await victim.follow(party.request())).text);
    const another = hiddenFieldsOf((await victim.follow(party.request())).text);
    const credentials = { email: user.email, password: PASSWORD };
    for (const fields of [
      { ...own, form_token: theirs['form_token']! },
      { ...own, form_token: another['form_token']! },
      { ...own, form_token: '' },
      { interaction: own['interaction']! },
      theirs,
    ]) {
      const answer = await post(victim, '/sign-in', { ...fields, ...credentials });
      expect([400, 403]).toContain(answer.status);
      expect(victim.session).toBeUndefined();
    }
    expect((await post(victim, '/sign-in', { ...own, ...credentials })).status).toBe(303);
  });

  it('does not sign a person out', async () => {
    const own = await RelyingParty.create(app);
    const victim = new Visitor(app.http);
    const tokens = await own.signIn(victim, (await app.createUser()).email);
    const page = await victim.follow('/oauth/end-session');
    const fields = hiddenFieldsOf(page.text);
    for (const headers of EVIL) expect((await post(victim, '/sign-out', fields, headers)).status).toBe(403);
    expect((await post(victim, '/sign-out', { form_token: 'x' })).status).toBe(403);
    expect((await app.http.get('/auth/me', { token: tokens.access_token })).status).toBe(200);
  });

  it('answers no page of another site that asks the JSON face', async () => {
    const victim = new Visitor(app.http);
    const { path } = await victim.follow(party.request());
    const id = new URLSearchParams(path.split('?')[1]).get('interaction')!;
    const user = await app.createUser();
    const body = { email: user.email, password: PASSWORD };
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    for (const [step, content] of [
      ['sign-in', body],
      ['consent', { consent: true }],
    ] as const) {
      const answer = await victim.send('POST', `/interactions/${id}/${step}`, { body: content, headers });
      expect([answer.status, answer.body.code]).toEqual([403, 'csrf_refused']);
    }
    expect(victim.session).toBeUndefined();
  });
});
