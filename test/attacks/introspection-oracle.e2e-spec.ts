import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';
import { sendForm, ServiceAccount } from '../support/service-account.js';
import { EXCHANGE, exchanged } from '../support/token-exchange.js';
import { forge, ownSigner } from './forged-token.js';

const PATH = '/oauth/introspect';
const SIGNED = 'application/token-introspection+jwt';

describe('asking about tokens to learn what they are', () => {
  let app: TestApp;
  let tokens: TokenResponse;
  /** Serves an audience that none of the tokens is meant for. */
  let nosy: ServiceAccount;
  let billing: ServiceAccount;
  let api: ServiceAccount;
  const attempts = new Map<string, string>();

  beforeAll(async () => {
    app = await TestApp.start();
    const admin = await app.adminToken();
    ({ tokens } = await app.signedInUser());
    nosy = await ServiceAccount.create(app, admin, { served_audiences: ['inventory'] });
    api = await ServiceAccount.create(app, admin, {
      grant_types: [EXCHANGE],
      served_audiences: ['api'],
      audiences: ['billing'],
    });
    billing = await ServiceAccount.create(app, admin, {
      audiences: ['billing', 'inventory'],
      served_audiences: ['billing'],
    });
    const { header, claims, segments } = decodeToken(tokens.access_token);
    const own = ownSigner(app);
    const { tokens: ended } = await app.signedInUser();
    await app.http.post('/auth/logout', undefined, { token: ended.access_token });
    const gone = await ServiceAccount.create(app, admin);
    const ofGone = await gone.token();
    await app.http.delete(`/clients/${gone.id}`, { token: admin });
    for (const [name, token] of Object.entries({
      'a good one of a person': tokens.access_token,
      'a good one of a service': await billing.token(),
      'a good one that was exchanged': await exchanged(api, tokens.access_token),
      'a refresh token': tokens.refresh_token,
      'one that was signed out': ended.access_token,
      'one of a client that is gone': ofGone,
      'an expired one': forge(header, { ...claims, iat: 1_000_000_000, exp: 1_000_000_600 }, own),
      'one of tomorrow': forge(header, { ...claims, iat: 4_000_000_000, exp: 4_000_000_600 }, own),
      'one of another issuer': forge(header, { ...claims, iss: 'https://evil.example' }, own),
      'one of another type': forge({ ...header, typ: 'JWT' }, claims, own),
      'one by an unknown key': forge({ ...header, kid: 'AAAAAAAA' }, claims, own),
      'an altered one': `${segments[0]}.${segments[1]}.${segments[2].slice(0, -4)}AAAA`,
      'an unsigned one': `${Buffer.from('{"alg":"none"}').toString('base64url')}.${segments[1]}.`,
      'a client secret': billing.secret,
      nonsense: 'nonsense',
      'something long': 'x'.repeat(30_000),
      'something odd': '\u0000\ufffd✓ %00',
    })) {
      attempts.set(name, token);
    }
  });
  afterAll(() => app.close());

  const VARYING = new Set(['date', 'x-request-id', 'connection', 'keep-alive']);
  const ask = async (service: ServiceAccount, token: string) => {
    const { status, text, headers } = await service.send(PATH, { token });
    return { status, text, headers: [...headers].filter(([name]) => !VARYING.has(name)) };
  };

  it('brings the same answer for all of them', async () => {
    const expected = await ask(nosy, 'nonsense');
    expect(expected).toMatchObject({ status: 200, text: '{"active":false}' });
    expect(attempts.size).toBe(17);
    for (const [name, token] of attempts) expect({ name, ...(await ask(nosy, token)) }).toEqual({ name, ...expected });
    // Whom they are meant for hears of the good ones.
    expect((await ask(api, attempts.get('a good one of a person')!)).text).toContain('"active":true');
    expect((await ask(billing, attempts.get('a good one of a service')!)).text).toContain('"active":true');
    expect((await ask(billing, attempts.get('a good one that was exchanged')!)).text).toContain('"active":true');
  });

  it('by whom they are meant for: no more of those that are not good', async () => {
    const expected = await ask(api, 'nonsense');
    for (const [name, token] of attempts) {
      if (name.startsWith('a good one')) continue;
      expect({ name, ...(await ask(api, token)) }).toEqual({ name, ...expected });
    }
  });

  it('in the signed form neither', async () => {
    const lengths = new Set<number>();
    for (const token of attempts.values()) {
      const { status, text } = await sendForm(app, PATH, { token }, { authorization: nosy.basic, accept: SIGNED });
      expect(status).toBe(200);
      expect(decodeToken(text).claims['token_introspection']).toEqual({ active: false });
      lengths.add(text.length);
    }
    expect(lengths.size).toBe(1);
  });

  it('whatever hint is given', async () => {
    for (const hint of ['access_token', 'refresh_token', 'nothing']) {
      const { text } = await api.send(PATH, { token: tokens.refresh_token, token_type_hint: hint });
      expect(text).toBe('{"active":false}');
      expect((await api.send(PATH, { token: tokens.access_token, token_type_hint: hint })).body).toMatchObject({
        active: true,
      });
    }
  });

  it('without proving who asks: nothing about the token, and soon nothing at all', async () => {
    const other = await TestApp.start();
    try {
      const { tokens: theirs } = await other.signedInUser();
      const answers = await Promise.all(
        Array.from({ length: 61 }, (_, i) =>
          sendForm(
            other,
            PATH,
            { token: i % 2 ? theirs.access_token : 'nonsense' },
            { authorization: `Basic ${btoa(`svc_${'A'.repeat(16)}:css_${i}`)}` },
          ),
        ),
      );
      const texts = new Set(answers.filter(({ status }) => status === 401).map(({ text }) => text));
      expect(texts.size).toBe(1);
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(1);
    } finally {
      await other.close();
    }
  });
});
