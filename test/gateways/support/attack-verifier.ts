import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encode, es256, forge, hmac, rs256 } from '../../attacks/forged-token.js';
import { decodeToken } from '../../support/decode-token.js';
import { CROOKED, leniently, NAMES, PREFLIGHT, SPELLINGS } from './attack-gateway.js';
import type { GatewayProcess, Ports } from './gateway-process.js';
import { GatewayScene, type Outcome } from './gateway-scene.js';
import { identityIn } from './upstream.js';

const EC = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = EC.publicKey.export({ type: 'spki', format: 'pem' });

/** The keys of Countersign, and two of ours: what these sign is refused for nothing but what it says. */
class Keys {
  private constructor(private readonly server: Server) {}

  static async publish(ofCountersign: object[], isHttps: boolean): Promise<Keys> {
    const jwk = (key: KeyObject, kid: string, alg: string) => ({
      ...key.export({ format: 'jwk' }),
      kid,
      alg,
      use: 'sig',
    });
    const keys = [...ofCountersign, jwk(EC.publicKey, 'ours', 'ES256'), jwk(RSA.publicKey, 'ours-rsa', 'RS256')];
    const answer: RequestListener = (_, response) =>
      void response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ keys }));
    const server = isHttps ? createTlsServer(selfSigned(), answer) : createServer(answer);
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    return new Keys(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async withdraw(): Promise<void> {
    if (!this.server.listening) return;
    this.server.closeAllConnections();
    await new Promise((resolve) => void this.server.close(resolve));
  }
}

function selfSigned(): { key: Buffer; cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-certificate-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const files = ['-keyout', key, '-out', cert, '-subj', '/CN=localhost', '-days', '1'];
  execFileSync('openssl', ['req', '-x509', ...curve, ...files], { stdio: 'ignore' });
  try {
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Peculiarities {
  /** What of `X-Auth-…` it tells the service; all of them, where nothing is said. */
  tells?: string[];
  /** It answers 400 where a client sends such a line, instead of taking it away. */
  refuses?: RegExp;
  /** It knows `Bearer` in no other case. */
  exactScheme?: boolean;
  /** It fetches keys by nothing else. */
  keysOverHttps?: boolean;
}

/** The whole suite against one gateway that verifies tokens by itself. `startGateway` starts it on its example. */
export function attackVerifier(
  name: string,
  startGateway: (ports: Ports) => Promise<GatewayProcess>,
  { tells = NAMES, refuses, exactScheme = false, keysOverHttps = false }: Peculiarities = {},
): void {
  describe(`${name} in front of a service`, () => {
    let scene: GatewayScene;
    let keys: Keys;
    beforeAll(async () => {
      scene = await GatewayScene.start(async (ports, { http }) => {
        const { body } = await http.get<{ keys: object[] }>('/.well-known/jwks.json');
        keys = await Keys.publish(body.keys, keysOverHttps);
        return startGateway({ ...ports, countersign: keys.port });
      });
    });
    afterAll(async () => {
      await scene?.stop();
      await keys?.withdraw();
    });

    const isHeldBack = ({ status, arrivals }: Outcome, statuses: number[]) => {
      expect(arrivals).toEqual([]);
      expect(statuses).toContain(status);
    };
    const isPassed = ({ status, arrivals }: Outcome, identity: Record<string, string>) => {
      expect([status, arrivals.length]).toEqual([200, 1]);
      const heard = Object.entries(identityIn(arrivals[0]!)).filter(([, value]) => value !== '');
      const told = new Set(tells.map((header) => `x-auth-${header.toLowerCase()}`));
      expect(Object.fromEntries(heard)).toEqual(
        Object.fromEntries(Object.entries(identity).filter(([header]) => told.has(header))),
      );
    };

    it('tells the service who is asking, and lets nobody else in', async () => {
      isPassed(await scene.ask('/orders?page=2', { token: scene.user.token }), scene.user.identity);
      isPassed(await scene.ask('/orders', { token: scene.admin.token }), scene.admin.identity);
      const stranger = await scene.ask('/orders');
      isHeldBack(stranger, [401]);
      expect(stranger.head).toMatch(/\r\nwww-authenticate: Bearer/i);
      isHeldBack(await scene.ask('/orders', { headers: ['Cookie: __Host-countersign=x'] }), [401]);
    });

    // RFC 9110 11.1
    it(`${exactScheme ? 'does not know' : 'knows'} the scheme in another case`, async () => {
      const outcome = await scene.ask('/orders', { headers: [`Authorization: bearer ${scene.user.token}`] });
      if (exactScheme) isHeldBack(outcome, [401]);
      else isPassed(outcome, scene.user.identity);
    });

    it('asks for a role where it is set to, and opens what is open', async () => {
      isHeldBack(await scene.ask('/admin/users'), [401]);
      isHeldBack(await scene.ask('/admin/users', { token: scene.user.token }), [403]);
      isPassed(await scene.ask('/admin/users', { token: scene.admin.token }), scene.admin.identity);
      isPassed(await scene.ask('/public/news'), {});
    });

    it.each(Object.entries(SPELLINGS))('passes no forged identity on, written %s', async (_, spell) => {
      const headers = NAMES.flatMap(spell);
      if (refuses && headers.some((header) => refuses.test(header))) {
        isHeldBack(await scene.ask('/orders', { token: scene.user.token, headers }), [400]);
        return isHeldBack(await scene.ask('/public/news', { headers }), [400]);
      }
      isPassed(await scene.ask('/orders', { token: scene.user.token, headers }), scene.user.identity);
      isPassed(await scene.ask('/public/news', { headers }), {});
      isPassed(await scene.ask('/public/news', { token: scene.user.token, headers }), {});
      isHeldBack(await scene.ask('/orders', { headers }), [401]);
      isPassed(await scene.ask('/orders', { method: 'OPTIONS', headers: [...headers, ...PREFLIGHT] }), {});
    });

    it('takes a token from nowhere but its header', async () => {
      const { token } = scene.admin;
      for (const headers of [[], [`Cookie: access_token=${token}; PA.global=${token}`], [`X-Access-Token: ${token}`]]) {
        isHeldBack(await scene.ask(`/orders?access_token=${token}`, { headers }), [401]);
      }
      const form = ['Content-Type: application/x-www-form-urlencoded'];
      isHeldBack(await scene.post('/orders', `access_token=${token}`, form), [401]);
    });

    it('sends one token on: that which was verified', async () => {
      const headers = [`Authorization: Bearer ${scene.admin.token}`];
      const { arrivals, status } = await scene.ask('/orders', { token: scene.user.token, headers });
      expect([200, 400, 401, 403]).toContain(status);
      for (const { rawHeaders } of arrivals) {
        const tokens = rawHeaders.filter((value) => value.startsWith('Bearer '));
        expect(tokens).toEqual([`Bearer ${scene.user.token}`]);
      }
    });

    it('hides the session cookie, and nothing else', async () => {
      const headers = ['Cookie: a=1; __Host-countersign=secret; b=2'];
      for (const path of ['/orders', '/public/news']) {
        const { arrivals } = await scene.ask(path, { token: scene.user.token, headers });
        expect(arrivals[0]!.rawHeaders.filter((value) => /[ab]=/.test(value))).toEqual(['a=1; b=2']);
      }
    });

    it.each(CROOKED)('leaves the service nothing to misread: %s', async (path) => {
      for (const token of [undefined, scene.user.token]) {
        for (const { url } of (await scene.ask(path, { token })).arrivals) {
          expect([path, url, leniently(url).startsWith('/admin')]).toEqual([path, url, false]);
          if (!token) expect([path, leniently(url)]).toEqual([path, expect.stringMatching(/^\/public\//)]);
        }
      }
    });

    it('lets a preflight pass as nobody, and what only looks like one not at all', async () => {
      for (const path of ['/orders', '/admin/users']) {
        isPassed(await scene.ask(path, { method: 'OPTIONS', headers: PREFLIGHT }), {});
      }
      isHeldBack(await scene.ask('/orders', { method: 'OPTIONS' }), [401]);
      isHeldBack(await scene.ask('/orders', { headers: [...PREFLIGHT, 'X-HTTP-Method-Override: OPTIONS'] }), [401]);
    });

    it('refuses a token for every single thing that is wrong with it', async () => {
      const { header, claims, segments } = decodeToken(scene.admin.token);
      const ours = { ...header, kid: 'ours' };
      const sign = es256(EC.privateKey);
      const now = Math.floor(Date.now() / 1000);
      const stranger = es256(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
      const { iss: _iss, ...withoutIssuer } = claims;
      const { aud: _aud, ...withoutAudience } = claims;
      const { exp: _exp, ...withoutExpiry } = claims;
      const good = forge(ours, { ...claims, jti: 'good' }, sign);
      isPassed(await scene.ask('/admin/users', { token: good }), scene.admin.identity);
      const forgeries: Record<string, string> = {
        'no token': 'x',
        'a signature of another key': forge(ours, claims, stranger),
        'an unknown key': forge({ ...header, kid: 'nobody' }, claims, stranger),
        'no algorithm': `${encode({ ...header, alg: 'none' })}.${segments[1]}.`,
        'the public key as a secret': forge({ ...ours, alg: 'HS256' }, claims, hmac(PEM)),
        'another algorithm': forge({ ...header, kid: 'ours-rsa', alg: 'RS256' }, claims, rs256(RSA.privateKey)),
        'altered claims': `${segments[0]}.${encode({ ...claims, sub: 'admin' })}.${segments[2]}`,
        'a cut signature': scene.admin.token.slice(0, -4),
        'the type of an ID token': forge({ ...ours, typ: 'JWT' }, claims, sign),
        'the type of a logout token': forge({ ...ours, typ: 'logout+jwt' }, claims, sign),
        'no type': forge({ alg: 'ES256', kid: 'ours' }, claims, sign),
        'the type in a claim alone': forge({ alg: 'ES256', kid: 'ours', x: 'at+jwt' }, claims, sign),
        'another issuer': forge(ours, { ...claims, iss: 'https://other.example' }, sign),
        'an issuer with more behind it': forge(ours, { ...claims, iss: `${String(claims.iss)}/` }, sign),
        'no issuer': forge(ours, withoutIssuer, sign),
        'another audience': forge(ours, { ...claims, aud: 'orders' }, sign),
        'other audiences': forge(ours, { ...claims, aud: ['orders', 'api2'] }, sign),
        'no audience': forge(ours, withoutAudience, sign),
        'a time that is over': forge(ours, { ...claims, iat: now - 900, exp: now - 300 }, sign),
        'no end': forge(ours, withoutExpiry, sign),
        'a key that nobody proved to have': forge(ours, { ...claims, cnf: { jkt: 'x'.repeat(43) } }, sign),
      };
      for (const [what, token] of Object.entries(forgeries)) {
        const { status, arrivals } = await scene.ask('/admin/users', { token });
        expect([what, [401, 403].includes(status), arrivals]).toEqual([what, true, []]);
      }
    });

    it('needs Countersign for nothing but its keys', async () => {
      isPassed(await scene.ask('/orders', { token: scene.user.token }), scene.user.identity);
      await scene.line.cut();
      await keys.withdraw();
      isPassed(await scene.ask('/orders', { token: scene.user.token }), scene.user.identity);
    });
  });
}
