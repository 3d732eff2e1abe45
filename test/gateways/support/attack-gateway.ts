import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sendRaw } from '../../attacks/raw-http.js';
import { carryCredentials } from './carry-credentials.js';
import { GatewayScene, type Outcome, type SceneOptions, type StartGateway } from './gateway-scene.js';
import { identityIn } from './upstream.js';

export const NAMES = ['Subject', 'Session', 'Client', 'Roles', 'Scope', 'Email'];

/** Spellings of `X-Auth-…` that one framework or another takes for it. */
export const SPELLINGS: Record<string, (name: string) => string[]> = {
  plainly: (name) => [`X-Auth-${name}: forged`],
  'in another case': (name) => [`x-AUTH-${name.toUpperCase()}: forged`],
  'with underscores': (name) => [`X_Auth_${name}: forged`],
  'with one underscore': (name) => [`X-Auth_${name}: forged`, `X_Auth-${name}: forged`],
  'with dots': (name) => [`X.Auth.${name}: forged`, `X-Auth.${name}: forged`],
  twice: (name) => [`X-Auth-${name}: forged`, `X-Auth-${name}: again`],
  'as an empty one and another': (name) => [`X-Auth-${name}:`, `X-Auth-${name}: forged`],
  'to be dropped on the way': (name) => [`Connection: close, X-Auth-${name}`, `X-Auth-${name}: forged`],
};

/** What a service could take for something else than what the gateway judged. */
export const CROOKED = [
  '/public/../admin/users',
  '/public/%2e%2e/admin/users',
  '/public/%2E./admin/users',
  '/public/..%2fadmin/users',
  '/public/..%2Fadmin/users',
  '/public/..%5cadmin/users',
  '/public/..\\admin/users',
  '/public/..;/admin/users',
  '/public/..;x=y/admin/users',
  '/public/%252e%252e/admin/users',
  '/public/..%252fadmin/users',
  '/public/x/../../admin/users',
  '/public/./../admin/users',
  '/public//../admin/users',
  '/public/..',
  '//admin/users',
  '///admin/users',
  '/./admin/users',
  '/;/admin/users',
  '/;x=y/admin/users',
  '/admin;x=y/users',
  '/%61dmin/users',
  '/adm%69n/users',
  '/%2561dmin/users',
  '/ADMIN/users',
  '/admin%2fusers',
  '/admin%00/users',
  '/public/%00/../admin/users',
  '/x/../admin/users',
  '/x/%2e%2e/admin/users',
  '/admin',
  '/admin/',
  '/admin?x=/public/',
  '/admin/users?x=/../public/',
];

/** The path as the most lenient of services would read it: decoded again and again, without parameters, in lower case. */
export function leniently(target: string): string {
  let path = target.split(/[?#]/)[0]!;
  for (let before = ''; before !== path;) {
    before = path;
    path = path.replaceAll(/%[0-9a-f]{2}/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));
  }
  const plain = path
    .replaceAll('\\', '/')
    .replaceAll(/;[^/]*/g, '')
    .replaceAll('\0', '')
    .toLowerCase();
  return new URL(`http://service${plain.replaceAll(/\/+/g, '/')}`).pathname;
}

export const PREFLIGHT = ['Origin: https://app.example.com', 'Access-Control-Request-Method: PUT'];

interface Peculiarities extends SceneOptions {
  /** Its example has no open area, and asks for a role by host: how a path is written does not matter. */
  closedByHost?: boolean;
  /** It cannot take one cookie away: the session's goes on to the service. */
  passesSession?: boolean;
  /** It answers 400 where a client lists other headers in `Connection`. */
  refusesNominations?: boolean;
}

/** The whole suite against one gateway. `startGateway` starts it on its example. */
export function attackGateway(
  name: string,
  startGateway: StartGateway,
  { refusesNominations = false, closedByHost = false, passesSession = false, ...options }: Peculiarities = {},
): void {
  describe(`${name} in front of a service`, () => {
    let scene: GatewayScene;
    beforeAll(async () => void (scene = await GatewayScene.start(startGateway, options)));
    afterEach(async () => {
      scene.line.thaw();
      scene.line.delay(0);
      await scene.line.mend();
    });
    afterAll(() => scene?.stop());

    const isHeldBack = ({ status, arrivals }: Outcome, statuses: number[]) => {
      expect(arrivals).toEqual([]);
      expect(statuses).toContain(status);
    };
    const isPassed = ({ status, arrivals }: Outcome, identity: Record<string, string>) => {
      expect([status, arrivals.length]).toEqual([200, 1]);
      const heard = identityIn(arrivals[0]!);
      // What is empty may as well not be there.
      for (const [header, value] of Object.entries(heard)) if (value === '') delete heard[header];
      expect(heard).toEqual(identity);
    };

    const passesOpen = async (headers: string[] = []) => {
      if (!closedByHost) isPassed(await scene.ask('/public/news', { headers }), {});
    };

    carryCredentials(() => scene, passesSession);

    it('tells the service who is asking, and lets nobody else in', async () => {
      isPassed(await scene.ask('/orders?page=2', { token: scene.user.token }), scene.user.identity);
      isPassed(await scene.ask('/orders', { token: scene.admin.token }), scene.admin.identity);
      const stranger = await scene.ask('/orders');
      isHeldBack(stranger, [401]);
      expect(stranger.head).toMatch(/\r\nwww-authenticate: Bearer(\r\n|$)/i);
      const liar = await scene.ask('/orders', { token: `${scene.user.token}x` });
      isHeldBack(liar, [401]);
      expect(liar.head).toMatch(/\r\nwww-authenticate: Bearer error="invalid_token"/i);
    });

    it('asks for a role where it is set to, and opens what is open', async () => {
      isHeldBack(await scene.ask('/admin/users'), [401]);
      isHeldBack(await scene.ask('/admin/users', { token: scene.user.token }), [403]);
      isPassed(await scene.ask('/admin/users', { token: scene.admin.token }), scene.admin.identity);
      await passesOpen();
    });

    it('lets no query of a client change the question', async () => {
      const query = '?preflight=allow&role=user&for=/x&on_denied=redirect&page=2';
      isHeldBack(await scene.ask(`/admin/users${query}`, { token: scene.user.token }), [403]);
      isPassed(await scene.ask(`/orders${query}`, { token: scene.user.token }), scene.user.identity);
    });

    it('passes method, path, query and body on as they came', async () => {
      const body = 'x'.repeat(100_000);
      const head = [
        `PUT /orders/%C3%B6?a=%2f&b=1 HTTP/1.1`,
        'Host: localhost',
        'Connection: close',
        `Authorization: Bearer ${scene.user.token}`,
      ];
      const request = `${[...head, `Content-Length: ${body.length}`].join('\r\n')}\r\n\r\n${body}`;
      const outcome = await scene.watch(sendRaw(scene.url, request));
      isPassed(outcome, scene.user.identity);
      expect(outcome.arrivals[0]).toMatchObject({ method: 'PUT', url: '/orders/%C3%B6?a=%2f&b=1', body });
    });

    it('hears of a logout at once', async () => {
      const { token, identity } = await scene.signInAgain();
      isPassed(await scene.ask('/orders', { token }), identity);
      await scene.signOut(token);
      isHeldBack(await scene.ask('/orders', { token }), [401]);
    });

    it.each(Object.entries(SPELLINGS))('passes no forged identity on, written %s', async (_, spell) => {
      const headers = NAMES.flatMap(spell);
      if (refusesNominations && headers.some((header) => header.startsWith('Connection:'))) {
        isHeldBack(await scene.ask('/orders', { token: scene.user.token, headers }), [400]);
        return isHeldBack(await scene.ask('/public/news', { headers }), [400]);
      }
      isPassed(await scene.ask('/orders', { token: scene.user.token, headers }), scene.user.identity);
      await passesOpen(headers);
      isHeldBack(await scene.ask('/orders', { headers }), [401]);
      const preflight = await scene.ask('/orders', { method: 'OPTIONS', headers: [...headers, ...PREFLIGHT] });
      isPassed(preflight, {});
    });

    it('sends one token on: that which was judged', async () => {
      const headers = [`Authorization: Bearer ${scene.admin.token}`];
      const { arrivals, status } = await scene.ask('/orders', { token: scene.user.token, headers });
      expect([200, 400, 401, 403]).toContain(status);
      for (const arrival of arrivals) {
        expect(identityIn(arrival)).toMatchObject(scene.user.identity);
        const tokens = arrival.rawHeaders.filter((value) => value.startsWith('Bearer '));
        expect(tokens).toEqual([`Bearer ${scene.user.token}`]);
      }
    });

    it.each(closedByHost ? [] : CROOKED)('leaves the service nothing to misread: %s', async (path) => {
      for (const token of [undefined, scene.user.token]) {
        for (const { url } of (await scene.ask(path, { token })).arrivals) {
          expect([path, url, leniently(url).startsWith('/admin')]).toEqual([path, url, false]);
          if (!token) expect([path, leniently(url)]).toEqual([path, expect.stringMatching(/^\/public\//)]);
        }
      }
    });

    it('lets a preflight pass as nobody, and what only looks like one not at all', async () => {
      for (const path of ['/orders', '/admin/users']) {
        const outcome = await scene.ask(path, { method: 'OPTIONS', headers: PREFLIGHT });
        isPassed(outcome, {});
        expect(outcome.arrivals[0]!.method).toBe('OPTIONS');
      }
      isHeldBack(await scene.ask('/orders', { method: 'OPTIONS' }), [401]);
      for (const method of ['GET', 'POST', 'PUT']) {
        for (const forged of [
          'X-Forwarded-Method: OPTIONS',
          'X-Original-Method: OPTIONS',
          'X-HTTP-Method-Override: OPTIONS',
        ]) {
          isHeldBack(await scene.ask('/orders', { method, headers: [...PREFLIGHT, forged] }), [401]);
        }
      }
    });

    it('holds everything back while Countersign is down, and recovers', async () => {
      await scene.line.cut();
      for (const path of ['/orders', '/admin/users']) {
        isHeldBack(await scene.ask(path, { token: scene.admin.token }), [403, 500, 502, 503, 504]);
        isHeldBack(await scene.ask(path), [401, 403, 500, 502, 503, 504]);
      }
      await passesOpen();
      await scene.line.mend();
      isPassed(await scene.ask('/orders', { token: scene.user.token }), scene.user.identity);
    });

    it('holds everything back while Countersign hangs, and does not hang itself', async () => {
      scene.line.freeze();
      isHeldBack(await scene.ask('/orders', { token: scene.user.token }), [403, 500, 502, 503, 504]);
    });

    it('takes no other answer than 200 for a yes', async () => {
      let [status, asked] = [0, 0];
      const stranger = createServer((_, response) => response.writeHead(status).end(String((asked += 1))));
      await new Promise<void>((resolve) => void stranger.listen(0, '127.0.0.1', resolve));
      const { port } = stranger.address() as AddressInfo;
      const countersign = scene.line.lead(`http://127.0.0.1:${port}`);
      for (status of [500, 503, 429, 404, 302]) {
        asked = 0;
        const { arrivals } = await scene.ask('/orders', { token: scene.user.token });
        // By gRPC it does not even come to a question.
        expect([status, asked > 0, arrivals]).toEqual([status, options.asksBy !== 'grpc', []]);
      }
      scene.line.lead(countersign);
      stranger.close();
    });

    it('waits for a Countersign that is slow', async () => {
      scene.line.delay(500);
      isPassed(await scene.ask('/orders', { token: scene.user.token }), scene.user.identity);
      isHeldBack(await scene.ask('/admin/users', { token: scene.user.token }), [403]);
    });

    it('holds back a token of 15 kB, and one of 40', async () => {
      for (const length of [15_000, 40_000]) {
        isHeldBack(await scene.ask('/orders', { token: 'x'.repeat(length) }), [400, 401, 403, 413, 414, 431, 500]);
      }
      isPassed(await scene.ask('/orders', { token: scene.user.token }), scene.user.identity);
    });

    it('upgrades to a WebSocket whoever is known, and nobody else', async () => {
      isHeldBack(await scene.upgrade([]), [401]);
      const { head, arrivals } = await scene.upgrade([`Authorization: Bearer ${scene.user.token}`]);
      expect(head).toMatch(/^HTTP\/1\.1 101 /);
      expect(arrivals).toHaveLength(1);
      expect(identityIn(arrivals[0]!)).toMatchObject(scene.user.identity);
    });
  });
}
