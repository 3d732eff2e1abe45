import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';
import { answerOf, CALLBACK, RelyingParty, Visitor } from '../support/relying-party.js';

// RFC 9700 4.1: what an attacker writes in place of https://app.example/callback.
const GAMES = [
  'https://evil.example/callback',
  'https://app.example@evil.example/callback',
  'https://app.example:secret@evil.example/callback',
  'https://evil.example/callback#https://app.example/callback',
  'https://app.example.evil.example/callback',
  'https://evil-app.example/callback',
  'https://app.example/callback/..;/evil',
  'https://app.example/callback/../evil',
  'https://app.example/callback%2f..%2fevil',
  'https://app.example/callback%252f..%252fevil',
  'https://app.example%252f@evil.example/callback',
  'https://app.example%00.evil.example/callback',
  'https://app.example\\@evil.example/callback',
  'https://app.example/callback#',
  'https://app.example/callback#fragment',
  'https://app.example/callback?',
  'https://app.example/callback?next=https://evil.example',
  'https://app.example/callback/',
  'https://app.example/Callback',
  'https://APP.example/callback',
  'https://app.example:443/callback',
  'https://app.example:8443/callback',
  'http://app.example/callback',
  'https://*.example/callback',
  '//app.example/callback',
  '/callback',
  'https://app.example/callback ',
  ' https://app.example/callback',
  'https://app.example/callback\n',
  'https://app.example/callback\u0000',
  'https://app.example/c\u0430llback',
  'javascript:alert(1)',
  'data:text/html,hello',
  'about:blank',
];

describe('playing with the address to which a person returns', () => {
  let app: TestApp;
  let party: RelyingParty;
  let native: RelyingParty;
  let visitor: Visitor;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    party = await RelyingParty.create(app);
    native = await RelyingParty.create(app, {
      application_type: 'native',
      redirect_uris: ['http://127.0.0.1/callback', 'com.example.app:/callback'],
    });
    visitor = new Visitor(app.http);
    await party.signIn(visitor, (await app.createUser()).email);
  });
  afterAll(() => app.close());

  it.each(GAMES)('sends nobody to %j, also not with an error', async (redirect_uri) => {
    for (const more of [{}, { response_type: 'token' }, { prompt: 'none' }, { response_mode: 'form_post' }]) {
      const answer = await visitor.follow(party.request({ redirect_uri, ...more }));
      expect([answer.status, answer.location]).toEqual([400, null]);
      expect(answer.text).not.toContain('<form');
      expect(answer.text).not.toContain('evil');
    }
  });

  it('sends nobody anywhere where the parameter comes twice', async () => {
    const path = `${party.request()}&redirect_uri=${encodeURIComponent('https://evil.example/')}`;
    const answer = await visitor.follow(path);
    expect([answer.status, answer.location]).toEqual([400, null]);
  });

  it.each([
    'http://127.0.0.1:80@evil.example/callback',
    'http://127.0.0.1.evil.example/callback',
    'http://localhost:8080/callback',
    'http://127.0.0.1:99999/callback',
    'http://127.0.0.1:8080/callback?x',
    'http://127.1:8080/callback',
    'http://0x7f000001/callback',
    'https://127.0.0.1:8080/callback',
    'com.example.app://callback',
    'com.example.app:/callback/more',
    'com.example.app.evil:/callback',
  ])('takes %j for another address than that of a native application', async (redirect_uri) => {
    const answer = await visitor.follow(native.request({ redirect_uri }));
    expect([answer.status, answer.location]).toEqual([400, null]);
  });

  it('leaves the port of a native application free, and its code works for that address alone', async () => {
    const redirect_uri = 'http://127.0.0.1:49152/callback';
    const page = await visitor.follow(native.request({ redirect_uri }));
    const { location } = await visitor.submit(page, { consent: 'allow' });
    expect(location?.startsWith(`${redirect_uri}?code=`)).toBe(true);
    const { code } = answerOf(location);
    const other = await native.redeem(code!, { redirect_uri: 'http://127.0.0.1:49153/callback' });
    expect(other.body.error).toBe('invalid_grant');
    expect((await native.redeem(code!, { redirect_uri })).status).toBe(200);
  });

  it('puts no header and no markup into the answer by the state', async () => {
    const state = '"><script>alert(1)</script>\r\nSet-Cookie: a=b';
    const answer = await visitor.follow(party.request({ state }));
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(answerOf(answer.location)['state']).toBe(state);
    const form = await visitor.follow(party.request({ state, response_mode: 'form_post' }));
    expect(form.text).not.toContain('<script>alert');
    expect(form.text).toContain(`action="${CALLBACK}"`);
  });
});
