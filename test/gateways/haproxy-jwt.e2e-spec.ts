import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encode, es256, forge, hmac } from '../attacks/forged-token.js';
import { askRaw } from '../attacks/raw-http.js';
import { decodeToken } from '../support/decode-token.js';
import { GatewayProcess, type Ports } from './support/gateway-process.js';
import { GatewayScene, PUBLIC_URL } from './support/gateway-scene.js';
import { identityIn } from './support/upstream.js';

describe('HAProxy, verifying tokens by itself', () => {
  let scene: GatewayScene;
  let pem: string;
  let ports: Ports;

  /** On the example, with our key and issuer, and one more thing that is different. */
  const startHaproxy = (change = (text: string) => text, key = pem) =>
    GatewayProcess.start(
      'haproxy',
      ports,
      'haproxy',
      () => ['-db', '-f', 'haproxy-jwt.cfg'],
      (text, folder) =>
        change(text.replaceAll('/etc/haproxy/', `${folder}/`).replace(/(setenv ISSUER +)\S+/, `$1${PUBLIC_URL}`)),
      { 'countersign-key.pem': () => key },
    );

  beforeAll(async () => {
    scene = await GatewayScene.start(async (given, { http }) => {
      ports = given;
      const { body } = await http.get<{ keys: { kid: string }[] }>('/.well-known/jwks.json');
      pem = (await http.get(`/keys/${body.keys[0]!.kid}.pem`)).text;
      return startHaproxy();
    });
  });
  afterAll(() => scene?.stop());

  it('tells the service who is asking, also while Countersign is down', async () => {
    await scene.line.cut();
    const { status, arrivals } = await scene.ask('/orders', { token: scene.user.token });
    const { 'x-auth-roles': _roles, 'x-auth-email': _email, ...identity } = scene.user.identity;
    expect([status, arrivals.length]).toEqual([200, 1]);
    expect(identityIn(arrivals[0]!)).toMatchObject({ ...identity, 'x-auth-roles': '', 'x-auth-scope': '' });
  });

  it('passes no forged identity on', async () => {
    const headers = ['X-Auth-Roles: admin', 'X_Auth_Roles: admin', 'X.Auth.Roles: admin', 'x-auth-else: admin'];
    const { arrivals } = await scene.ask('/orders', { token: scene.user.token, headers });
    expect(JSON.stringify(arrivals[0]!.rawHeaders)).not.toContain('admin');
  });

  it('refuses what Countersign did not sign, or not for this service, or not any more', async () => {
    const { header, claims, segments } = decodeToken(scene.user.token);
    const stranger = es256(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
    const forgeries: Record<string, string> = {
      'nothing at all': '',
      'no token': 'x',
      'a signature of another key': forge(header, claims, stranger),
      'no algorithm': `${encode({ ...header, alg: 'none' })}.${segments[1]}.`,
      'the public key as a secret': forge({ ...header, alg: 'HS256' }, claims, hmac(pem)),
      'altered claims': `${segments[0]}.${encode({ ...claims, sub: 'admin' })}.${segments[2]}`,
      'a cut signature': scene.user.token.slice(0, -4),
    };
    for (const [what, token] of Object.entries(forgeries)) {
      const { status, arrivals } = await scene.ask('/orders', { token });
      expect([what, status, arrivals]).toEqual([what, 401, []]);
    }
  });

  it('refuses a token that is bound to a key, of which it gets no proof', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { header, claims } = decodeToken(scene.user.token);
    const haproxy = await startHaproxy(undefined, publicKey.export({ type: 'spki', format: 'pem' }) as string);
    try {
      for (const [cnf, expected] of [
        [undefined, 200],
        [{ jkt: 'x'.repeat(43) }, 401],
      ] as const) {
        const bearer = [`Authorization: Bearer ${forge(header, { ...claims, cnf }, es256(privateKey))}`];
        expect((await askRaw(haproxy.url, 'GET', '/orders', bearer)).status).toBe(expected);
      }
    } finally {
      await haproxy.stop();
    }
  });

  it.each<[string, (text: string) => string]>([
    ['of another issuer', (text) => text.replace(/(setenv ISSUER +)\S+/, '$1https://other.example')],
    ['for another audience', (text) => text.replace(/(setenv AUDIENCE +)\S+/, '$1orders')],
    ['that has expired', (text) => text.replace('date()', 'date(3600)')],
    ['of another type', (text) => text.replace('at+jwt', 'JWT')],
  ])('refuses a token %s', async (_, change) => {
    const haproxy = await startHaproxy(change);
    try {
      const bearer = [`Authorization: Bearer ${scene.user.token}`];
      expect((await askRaw(haproxy.url, 'GET', '/orders', bearer)).status).toBe(401);
    } finally {
      await haproxy.stop();
    }
  });
});
