import { createHmac, createPublicKey } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type JWTHeaderParameters } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';
import { Listener } from '../support/listener.js';
import { sendForm, ServiceAccount } from '../support/service-account.js';
import { WorkloadIssuer } from '../support/workload-issuer.js';
import { encode, forge, ownSigner } from './forged-token.js';

const BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const SUBJECT = 'system:serviceaccount:shop:orders';
const ROUNDS = 30;

describe('claiming that a platform vouches for one', () => {
  let app: TestApp;
  let admin: string;
  let cluster: WorkloadIssuer;
  /** Another platform that is trusted, for somebody else. */
  let other: WorkloadIssuer;
  let orders: ServiceAccount;

  const now = () => app.clock.seconds();
  const present = (assertion: string, form: Record<string, string> = {}) =>
    sendForm(app, '/oauth/token', { grant_type: BEARER, assertion, ...form });
  const good = (claims: object = {}, header: Partial<JWTHeaderParameters> = {}) =>
    cluster.sign({ sub: SUBJECT, ...claims }, now(), header);
  const trust = async (service: ServiceAccount, identity: object) => {
    const path = `/clients/${service.id}/workload-identities`;
    const { status, body } = await app.http.post<{ id: string }>(path, identity, { token: admin });
    expect(status).toBe(201);
    return `${path}/${body.id}`;
  };
  const refused = async (assertion: string, form?: Record<string, string>) => {
    const { status, body, text } = await present(assertion, form);
    expect({ status, error: body['error'] }).toEqual({ status: 400, error: 'invalid_grant' });
    return text;
  };

  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    admin = await app.adminToken();
    [cluster, other] = await Promise.all([WorkloadIssuer.start(), WorkloadIssuer.start()]);
    orders = await ServiceAccount.create(app, admin, { grant_types: [BEARER] });
    const elsewhere = await ServiceAccount.create(app, admin, { grant_types: [BEARER] });
    await trust(orders, { issuer: cluster.url, subject: SUBJECT });
    await trust(elsewhere, { issuer: other.url, subject: 'somebody' });
  });
  afterAll(async () => {
    await app.close();
    await Promise.all([cluster.stop(), other.stop()]);
  });
  afterEach(async () => expect((await present(await good())).status).toBe(200));

  it('without a signature, or with one by another algorithm', async () => {
    const claims = decodeToken(await good()).claims;
    await refused(new UnsecuredJWT(claims).encode());
    for (const alg of ['none', 'None', 'NONE', ''])
      await refused(`${encode({ alg, kid: 'key-1' })}.${encode(claims)}.`);
    const pem = createPublicKey({ key: cluster.publicJwk, format: 'jwk' });
    const secrets = [
      pem.export({ type: 'spki', format: 'pem' }),
      pem.export({ type: 'spki', format: 'der' }),
      JSON.stringify(cluster.publicJwk),
      '',
    ];
    for (const secret of secrets) {
      const hmac = (input: string) => createHmac('sha256', secret).update(input).digest();
      for (const alg of ['HS256', 'RS256']) await refused(forge({ alg, kid: 'key-1' }, claims, hmac));
    }
  });

  it('with a key that it brings along, or that it says where to find', async () => {
    const trap = await Listener.start();
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), alg: 'RS256' };
    const url = `http://127.0.0.1:${trap.port}/keys`;
    const { claims } = decodeToken(await good());
    for (const header of [
      { jwk },
      { jku: url },
      { x5u: url },
      { kid: url },
      { kid: '../../keys' },
      { x5c: ['AAAA'] },
    ]) {
      for (const kid of ['key-1', 'key-2', undefined]) {
        const forged = await new SignJWT(claims)
          .setProtectedHeader({ alg: 'RS256', ...(kid && { kid }), ...header })
          .sign(privateKey);
        await refused(forged);
      }
    }
    expect(trap.sockets).toHaveLength(0);
    await trap.stop();
  });

  it('with the keys of another platform, or ours', async () => {
    await refused(await other.sign({ sub: SUBJECT }, now()));
    await refused(await other.sign({ iss: cluster.url, sub: SUBJECT }, now()));
    await refused(await other.sign({ iss: other.url, sub: 'somebody' }, now(), { kid: 'key-2' }));
    const { claims } = decodeToken(await good());
    const { tokens } = await app.signedInUser();
    await refused(forge(decodeToken(tokens.access_token).header, claims, ownSigner(app)));
    await refused(tokens.access_token);
  });

  it('in the name of a platform or a workload that is nearly the right one', async () => {
    for (const iss of [
      `${cluster.url}/`,
      cluster.url.toUpperCase(),
      `${cluster.url}#`,
      ` ${cluster.url}`,
      other.url,
      '',
    ]) {
      await refused(await good({ iss }));
    }
    const subs = [
      'system:serviceaccount:shop:*',
      'system:serviceaccount:shop',
      `${SUBJECT} `,
      `${SUBJECT}\u0000`,
      SUBJECT.toUpperCase(),
      'system:serviceaccount:shop:orders:extra',
      '%',
      "' OR 1=1 --",
      'x'.repeat(3000),
      '',
    ];
    for (const sub of subs) await refused(await good({ sub }));
    for (const sub of [[SUBJECT], { sub: SUBJECT }, 7, null, undefined]) await refused(await good({ sub }));
  });

  it('with a token that was made for somebody else, or for several', async () => {
    const audiences = [
      'https://other.example.com',
      'api',
      'http://localhost:3000/',
      'http://localhost:3000/oauth/token',
      ['http://localhost:3000', 'https://vault.example.com'],
      ['https://vault.example.com'],
      [],
      '',
      undefined,
    ];
    for (const aud of audiences) await refused(await good({ aud }));
  });

  it('at another time', async () => {
    const t = now();
    const times: [string, object][] = [
      ['over', { iat: t - 700, nbf: t - 700, exp: t - 1 }],
      ['not yet', { iat: t, nbf: t + 120 }],
      ['made tomorrow', { iat: t + 86_400, nbf: t, exp: t + 90_000 }],
      ['without an end', { exp: undefined }],
      ['for a year', { exp: t + 365 * 86_400 }],
      ['for ever', { exp: Number.MAX_SAFE_INTEGER }],
      ['an end in words', { exp: String(t + 600) }],
    ];
    for (const [name, claims] of times) {
      const { status } = await present(await good(claims));
      expect({ name, status }).toEqual({ name, status: 400 });
    }
  });

  it('with a token of another kind that the same keys have signed', async () => {
    for (const typ of ['at+jwt', 'secevent+jwt', 'dpop+jwt', 'logout+jwt', 'application/at+jwt']) {
      await refused(await good({}, { typ }));
    }
    expect((await present(await good({}, { typ: 'JWT' }))).status).toBe(200);
    await refused(await good({}, { crit: ['b64'], b64: true }));
  });

  it('tells nobody who is vouched for', async () => {
    const texts = new Set([
      await refused('nonsense'),
      await refused(await good({ sub: 'nobody' })),
      await refused(await good({ iss: 'https://nowhere.example' })),
      await refused(await other.sign({ iss: cluster.url, sub: SUBJECT }, now())),
      await refused(await good({ aud: 'other' })),
      await refused(await good(), { client_id: `svc_${'A'.repeat(16)}` }),
    ]);
    expect(texts.size).toBe(1);
  });

  it('and for somebody else at once, by a second identity', async () => {
    const both = { authorization: orders.basic };
    const form = { grant_type: BEARER, assertion: await good() };
    expect((await sendForm(app, '/oauth/token', form, both)).status).toBe(400);
    const secret = { ...form, client_id: orders.id, client_secret: orders.secret };
    expect((await sendForm(app, '/oauth/token', secret)).status).toBe(400);
    expect((await sendForm(app, '/oauth/token', { ...form, grant_type: 'client_credentials' })).status).toBe(401);
  });

  it('no token outlives the trust that is withdrawn at that moment', async () => {
    const outcomes: number[] = [];
    const race = async (round: number) => {
      const service = await ServiceAccount.create(app, admin, { grant_types: [BEARER] });
      const subject = `race-${round}`;
      const identity = await trust(service, { issuer: cluster.url, subject, jwks_uri: cluster.jwksUri });
      const assertion = await cluster.sign({ sub: subject }, now());
      const [answers, deleted] = await Promise.all([
        Promise.all(Array.from({ length: 4 }, () => present(assertion))),
        app.http.delete(identity, { token: admin }),
      ]);
      expect(deleted.status).toBe(204);
      for (const { status, body } of answers) {
        outcomes.push(status);
        if (status !== 200) continue;
        const verdict = await app.http.get('/gateway/verify', { token: body['access_token'] });
        expect(verdict.status).toBe(401);
      }
    };
    for (let round = 0; round < ROUNDS; round += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, index) => race(round + index)));
    }
    expect(outcomes).toHaveLength(ROUNDS * 4);
  });

  it('nor that which was withdrawn while the keys were on their way', async () => {
    const slow = await WorkloadIssuer.start();
    const service = await ServiceAccount.create(app, admin, { grant_types: [BEARER] });
    const identity = await trust(service, { issuer: slow.url, subject: SUBJECT });
    slow.beforeKeys = async () => {
      expect((await app.http.delete(identity, { token: admin })).status).toBe(204);
    };
    await refused(await slow.sign({ sub: SUBJECT }, now()));
    await slow.stop();
  });
});
