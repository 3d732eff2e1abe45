import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientView } from '../../src/clients/clients.view.js';
import { ClientKey, ISSUER, assertionForm } from '../support/client-key.js';
import { TestApp } from '../support/create-app.js';
import { KeyPublisher } from '../support/key-publisher.js';
import { ServiceAccount, sendForm } from '../support/service-account.js';

let app: TestApp;
let admin: { token: string };
beforeAll(async () => {
  app = await TestApp.start({ RATE_LIMITS: 'false' });
  admin = { token: await app.adminToken() };
});
afterAll(() => app.close());

const send = (form: Record<string, string>, headers: Record<string, string> = {}) =>
  sendForm(app, '/oauth/token', form, headers);
const create = async (settings: object) => (await ServiceAccount.create(app, admin.token, settings)).id;
const isGood = async (token: string) => (await app.http.get('/auth/me', { token })).status === 200;
const now = () => Math.floor(Date.now() / 1000) + offset;
let offset = 0;
const pass = (seconds: number) => {
  offset += seconds;
  app.clock.advance(seconds);
};
/** A form whose assertion is made now, by the clock of the service. */
const formAt = async (key: ClientKey, id: string) => assertionForm(await key.assertion(id, {}, {}, now()));

describe('a service signs who it is (private_key_jwt)', () => {
  it.each(['ES256', 'RS256', 'PS256', 'EdDSA', 'Ed25519'])('with %s', async (alg) => {
    const key = await ClientKey.generate(alg);
    const id = await create({ jwks: key.jwks });
    const { status, body } = await send(await key.form(id));
    expect({ status, body }).toMatchObject({ status: 200, body: { token_type: 'Bearer' } });
    expect(await app.http.get('/auth/me', { token: body['access_token']! })).toMatchObject({ body: { sub: id } });
  });

  describe('in many forms', () => {
    let key: ClientKey;
    let id: string;
    beforeAll(async () => {
      key = await ClientKey.generate();
      id = await create({ jwks: key.jwks });
    });

    it.each([
      ['to the token endpoint', { aud: `${ISSUER}/oauth/token` }, {}],
      ['for five minutes', { exp: now() + 295 }, {}],
      ['without saying when', { iat: undefined }, {}],
      ['from now on', { nbf: now() }, {}],
      ['saying what it is', {}, { typ: 'client-authentication+jwt' }],
      ['saying that it is a JWT', {}, { typ: 'JWT' }],
      ['without naming the only key', {}, { kid: undefined }],
    ])('%s', async (_, claims, header) => {
      expect((await send(await key.form(id, claims, header))).status).toBe(200);
    });

    it('with its id beside it', async () => {
      expect((await send({ ...(await key.form(id)), client_id: id })).status).toBe(200);
    });

    it.each([
      ['meant for somebody else', { aud: 'https://elsewhere.example.com' }, {}],
      ['meant for several', { aud: [ISSUER, 'https://elsewhere.example.com'] }, {}],
      ['meant for a list of one', { aud: [ISSUER] }, {}],
      ['meant for nobody', { aud: undefined }, {}],
      ['meant for the audience of tokens', { aud: 'api' }, {}],
      ['by another issuer', { iss: 'https://issuer.example.com' }, {}],
      ['about a user', { sub: '0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a' }, {}],
      ['over', { exp: now() - 1 }, {}],
      ['good for an hour', { exp: now() + 3600 }, {}],
      ['good for ever', { exp: undefined }, {}],
      ['not made yet', { iat: now() + 120, exp: now() + 180 }, {}],
      ['not good yet', { nbf: now() + 120, exp: now() + 180 }, {}],
      ['without an id', { jti: undefined }, {}],
      ['with an endless id', { jti: 'x'.repeat(257) }, {}],
      ['that is an access token', {}, { typ: 'at+jwt' }],
      ['that is a proof of possession', {}, { typ: 'dpop+jwt' }],
      ['by a key that it does not have', {}, { kid: 'another' }],
    ])('but not %s', async (_, claims, header) => {
      const answer = await send(await key.form(id, claims, header));
      expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    });

    it('and tells developers what is wrong, where it is not a matter of its keys', async () => {
      const { body } = await send(await key.form(id, { aud: 'api' }));
      expect(body['error_description']).toContain(`aud must be ${ISSUER}`);
    });

    it('and not by the key of another, nor by that of a client that is unknown, which are told the same', async () => {
      const other = await ClientKey.generate('ES256', key.jwk.kid);
      const unknown = `svc_${'A'.repeat(16)}`;
      const answers = [await send(await other.form(id)), await send(await other.form(unknown))];
      expect(answers[0]).toMatchObject({ status: 401 });
      expect(answers[1]!.body).toEqual(answers[0]!.body);
    });

    it.each([
      ['a secret in the header', {}, { authorization: `Basic ${Buffer.from('a:b').toString('base64')}` }],
      ['a secret in the form', { client_secret: 'css_x' }, {}],
      ['another type', { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' }, {}],
      ['no type', { client_assertion_type: '' }, {}],
    ])('and in one way: not with %s', async (_, form, headers) => {
      const answer = await send({ ...(await key.form(id)), ...form }, headers);
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    });

    it('and for itself alone', async () => {
      const other = await create({});
      expect(await send({ ...(await key.form(id)), client_id: other })).toMatchObject({ status: 401 });
    });
  });

  it('and replaces its key without a gap', async () => {
    const [first, second] = [await ClientKey.generate(), await ClientKey.generate()];
    const id = await create({ jwks: first.jwks });
    const token = (await send(await first.form(id))).body['access_token']!;
    const patch = (keys: object[]) => app.http.patch<ClientView>(`/clients/${id}`, { jwks: { keys } }, admin);
    expect((await patch([first.jwk, second.jwk])).status).toBe(200);
    expect(await isGood(token)).toBe(true);
    expect((await send(await second.form(id))).status).toBe(200);
    expect((await patch([second.jwk])).status).toBe(200);
    expect(await isGood(token)).toBe(false);
    expect((await send(await first.form(id))).status).toBe(401);
    expect((await send(await second.form(id))).status).toBe(200);
  });
});

describe('an administrator registers keys', () => {
  it.each([
    ['private', { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'd' }],
    ['secret', { kty: 'oct', k: 'c2VjcmV0' }],
    ['not one', { kty: 'EC' }],
  ])('but none that is %s', async (_, jwk) => {
    const answer = await app.http.post('/clients', { name: 'x', jwks: { keys: [jwk] } }, admin);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'jwks', code: 'key_set' }] } });
  });

  it.each(['ftp://example.com/jwks', 'https://user:x@example.com/jwks', 'http://example.com/jwks', 'jwks.json'])(
    'but not at %s',
    async (jwks_uri) => {
      const answer = await app.http.post('/clients', { name: 'x', jwks_uri }, admin);
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'jwks_uri', code: 'target' }] } });
    },
  );
});

describe('a service publishes its keys itself (jwks_uri)', () => {
  let publisher: KeyPublisher;
  let key: ClientKey;
  let id: string;
  beforeAll(async () => {
    publisher = await KeyPublisher.start();
    key = await ClientKey.generate();
    publisher.keys = [key.jwk];
  });
  afterAll(() => publisher.stop());
  // A URL of its own, which nobody has asked for yet.
  let clients = 0;
  const publish = async () => {
    publisher.answer = null;
    publisher.keys = [key.jwk];
    // The clock may have gone on by more than a token lives.
    admin = { token: await app.adminToken() };
    id = await create({ jwks_uri: `${publisher.url}?${++clients}` });
    publisher.asked = 0;
  };
  const statusOf = async (by: ClientKey) => (await send(await formAt(by, id))).status;

  it('which are asked for once, by however many at once', async () => {
    await publish();
    expect(await Promise.all(Array.from({ length: 10 }, () => statusOf(key)))).toEqual(Array(10).fill(200));
    pass(299);
    expect(await statusOf(key)).toBe(200);
    expect(publisher.asked).toBe(1);
    pass(2);
    expect(await statusOf(key)).toBe(200);
    expect(publisher.asked).toBe(2);
  });

  it('and replaces them at once, but strangers do not make us ask without end', async () => {
    await publish();
    expect(await statusOf(key)).toBe(200);
    const next = await ClientKey.generate();
    publisher.keys = [key.jwk, next.jwk];
    expect(await statusOf(next)).toBe(401);
    pass(6);
    expect(await statusOf(next)).toBe(200);
    expect(publisher.asked).toBe(2);
    const stranger = await ClientKey.generate();
    pass(6);
    for (let attempt = 0; attempt < 10; attempt++) expect(await statusOf(stranger)).toBe(401);
    expect(publisher.asked).toBe(3);
    // Once the old one is no longer published, it is good for as long as we do not ask.
    publisher.keys = [next.jwk];
    pass(301);
    expect(await statusOf(key)).toBe(401);
  });

  it.each([
    ['with an error', (response: { writeHead(status: number): { end(): unknown } }) => response.writeHead(500).end()],
    ['with nothing', (response: { destroy(): unknown }) => response.destroy()],
  ])('and when it answers %s, what is known stays good for an hour', async (_, answer) => {
    await publish();
    expect(await statusOf(key)).toBe(200);
    publisher.answer = answer;
    pass(3_500);
    expect(await statusOf(key)).toBe(200);
    // Whether a key that is not known is good, nobody can say.
    const answered = await send(await formAt(await ClientKey.generate(), id));
    expect(answered).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    expect(answered.headers.get('retry-after')).toBe('5');
    pass(101);
    expect(await statusOf(key)).toBe(503);
    expect(publisher.asked).toBe(3);
    publisher.answer = null;
    pass(6);
    expect(await statusOf(key)).toBe(200);
  });
});
