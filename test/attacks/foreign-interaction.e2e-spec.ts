import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { answerOf, RelyingParty, Visitor } from '../support/relying-party.js';

describe('going on with the sign-in of another browser', () => {
  let app: TestApp;
  let party: RelyingParty;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    party = await RelyingParty.create(app, { first_party: false });
  });
  afterAll(() => app.close());

  const idOf = (path: string) => new URLSearchParams(path.split('?')[1]).get('interaction')!;

  it('shows nothing of it, and answers nothing in it', async () => {
    const attacker = new Visitor(app.http);
    const { path } = await attacker.follow(party.request());
    const victim = new Visitor(app.http);
    // The victim has a cookie of their own, and is signed in.
    await (await RelyingParty.create(app)).signIn(victim, (await app.createUser()).email);
    for (const page of [path, path.replace('sign-in', 'consent'), `/interactions/${idOf(path)}`]) {
      const answer = await victim.get(page);
      expect(answer.status, page).toBe(400);
    }
    const body = { email: (await app.createUser()).email, password: PASSWORD };
    const signIn = await victim.send('POST', `/interactions/${idOf(path)}/sign-in`, { body });
    const consent = await victim.send('POST', `/interactions/${idOf(path)}/consent`, { body: { consent: true } });
    expect([signIn.body.code, consent.body.code]).toEqual(['interaction_invalid', 'interaction_invalid']);
  });

  it('is possible for nobody without a cookie', async () => {
    const visitor = new Visitor(app.http);
    const { path } = await visitor.follow(party.request());
    expect((await app.http.get(path)).status).toBe(400);
    expect((await app.http.get(`/interactions/${idOf(path)}`)).status).toBe(400);
  });

  it('ends once: an answer, a refusal and half an hour each end it', async () => {
    const user = await app.createUser();
    const visitor = new Visitor(app.http);
    const { location } = await visitor.signInAt(party.request(), user.email);
    const page = await visitor.follow(`/${location}`);
    const answers = await Promise.all(Array.from({ length: 10 }, () => visitor.submit(page, { consent: 'allow' })));
    expect(answers.filter((answer) => answer.status === 303)).toHaveLength(1);
    expect((await visitor.get(page.path)).status).toBe(400);
    const later = await visitor.follow(party.request({ prompt: 'login' }));
    app.clock.advance(31 * 60);
    expect((await visitor.get(later.path)).status).toBe(400);
  });

  it('opens a session of its own: nobody can have planted the cookie of the browser', async () => {
    const attacker = new Visitor(app.http);
    await (await RelyingParty.create(app)).signIn(attacker, (await app.createUser()).email);
    const planted = attacker.session!;
    const victim = new Visitor(app.http);
    victim.jar.set('countersign', planted);
    const user = await app.createUser();
    const own = await RelyingParty.create(app);
    const { location } = await victim.signInAt(own.request({ prompt: 'login' }), user.email);
    expect(answerOf(location)).toHaveProperty('code');
    expect(victim.session).not.toBe(planted);
    // The session of the attacker has ended with the sign-in.
    expect((await attacker.get('/auth/me')).status).toBe(401);
  });
});
