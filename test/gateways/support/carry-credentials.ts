import { createRemoteJWKSet, jwtVerify, type JWTPayload } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ApiKeysView } from '../../../src/api-keys/api-keys.view.js';
import { SystemClock } from '../../../src/common/clock.js';
import { clientKey, personalToken } from '../../support/api-keys.js';
import type { Browser } from '../../support/browser.js';
import { DpopKey } from '../../support/dpop-key.js';
import { ServiceAccount } from '../../support/service-account.js';
import { PASSWORD } from '../../system/support/service.js';
import { PUBLIC_URL, type GatewayScene, type Outcome } from './gateway-scene.js';
import { identityIn, valuesOf, type Arrival } from './upstream.js';

const SESSION = '__Host-countersign';
/** As the raw requests of these tests name the gateway, in `Host`. */
const GATEWAY = 'http://localhost';

const cookieOf = ({ session }: Browser): string => `Cookie: ${SESSION}=${session}`;
const isRefused = ({ status, arrivals }: Outcome, expected: number) =>
  expect([status, arrivals]).toEqual([expected, []]);

/**
 * Every kind of credential on its way through a gateway, and what the service behind it gets to see of it. Where the
 * gateway `passesSession`, that is all cookies.
 */
export function carryCredentials(sceneOf: () => GatewayScene, passesSession = false): void {
  describe('a credential', () => {
    let scene: GatewayScene;
    let browser: Browser;
    let session: string;
    let personal: string;
    const credentials: Record<string, { line: string; states: JWTPayload }> = {};
    beforeAll(async () => {
      scene = sceneOf();
      const { countersign, user, admin } = scene;
      browser = await scene.browser();
      session = cookieOf(browser);
      const sub = user.identity['x-auth-subject']!;
      const account = await ServiceAccount.create(countersign, admin.token, { scopes: ['orders:read'] });
      const service = { sub: account.id, scope: 'orders:read' };
      const [ofPerson, ofService] = [
        await personalToken(countersign, user.token, { scopes: ['orders:read'] }),
        await clientKey(countersign, admin.token, account.id, { scopes: ['orders:read'] }),
      ];
      personal = `Authorization: Bearer ${ofPerson.api_key}`;
      Object.assign(credentials, {
        'the cookie of a session': { line: session, states: { sub, client_id: 'web' } },
        'a personal access token': { line: personal, states: { sub, client_id: ofPerson.id, scope: 'orders:read' } },
        'an API key': {
          line: `Authorization: Bearer ${ofService.api_key}`,
          states: { ...service, client_id: ofService.id },
        },
        'the token of a service': {
          line: `Authorization: Bearer ${await account.token()}`,
          states: { ...service, client_id: account.id },
        },
      });
    });

    /** The one request that reached the service. */
    const passed = async (outcome: Promise<Outcome>): Promise<Arrival> => {
      const { status, arrivals } = await outcome;
      expect([status, arrivals.length]).toEqual([200, 1]);
      return arrivals[0]!;
    };
    const ask = (headers: string[], path = '/orders') => scene.ask(path, { headers });
    const post = (headers: string[], type = 'application/json') =>
      scene.post('/orders', '{"item":1}', [`Content-Type: ${type}`, ...headers]);

    /** What the token states that the service got, and nothing beside it. */
    const tokenIn = async (arrival: Arrival): Promise<JWTPayload> => {
      const [authorization, ...more] = valuesOf(arrival, 'authorization');
      expect(more).toEqual([]);
      const keys = createRemoteJWKSet(new URL(`${scene.countersign.url}/.well-known/jwks.json`));
      const token = authorization!.replace(/^Bearer /, '');
      const expected = { issuer: PUBLIC_URL, audience: 'api', typ: 'at+jwt' };
      return (await jwtVerify(token, keys, expected)).payload;
    };

    it.each(['the cookie of a session', 'a personal access token', 'an API key', 'the token of a service'])(
      'such as %s arrives as a JWT that the service verifies',
      async (kind) => {
        const { line, states } = credentials[kind]!;
        const arrival = await passed(ask([line]));
        expect(await tokenIn(arrival)).toMatchObject(states);
        const { sub, client_id, scope = '' } = states;
        const identity = identityIn(arrival);
        expect({ sub: identity['x-auth-subject'], client_id: identity['x-auth-client'] }).toEqual({ sub, client_id });
        expect(identity['x-auth-scope'] ?? '').toBe(scope);
        if (kind !== 'the token of a service' && !(passesSession && line === session)) {
          expect(arrival.rawHeaders.join('\n')).not.toContain(line.split(/[ =]/).at(-1));
        }
        isRefused(await ask([line], '/admin/users'), 403);
      },
    );

    it('in a cookie leaves the cookies of the application alone', async () => {
      const pairs = (lines: string[]) => lines.flatMap((line) => line.split(/; */)).filter((pair) => pair !== '');
      for (const [sent, left] of [
        [session, []],
        [`${session}; theme=dark; lang=de`, ['theme=dark', 'lang=de']],
        [session.replace(' ', ' theme=dark; ').concat('; lang=de'), ['theme=dark', 'lang=de']],
        [session.replace(' ', ' theme=dark;lang=de; '), ['theme=dark', 'lang=de']],
      ] as const) {
        const arrival = await passed(ask([sent]));
        const expected = passesSession ? pairs([sent.replace('Cookie: ', '')]) : left;
        expect([sent, pairs(valuesOf(arrival, 'cookie'))]).toEqual([sent, expected]);
        expect(valuesOf(arrival, 'authorization')).toEqual([expect.stringMatching(/^Bearer ey/)]);
      }
    });

    it.each(passesSession ? [] : ['/orders', '/admin/users', '/public/news'])(
      'in a cookie goes on to nobody, however often it comes: %s',
      async (path) => {
        for (const headers of [
          [`${session}; ${SESSION}=again`],
          [session, `Cookie: ${SESSION}=again; theme=dark`],
          [session, 'Cookie: theme=dark', `Cookie: ${SESSION}=again`],
          [`${session}; theme=dark`, `Authorization: Bearer ${scene.user.token}`],
        ]) {
          const seen = (await ask(headers, path)).arrivals.map(({ rawHeaders }) => rawHeaders.join('\n'));
          expect([path, headers, seen.some((text) => text.includes(SESSION))]).toEqual([path, headers, false]);
        }
      },
    );

    it('of the client in `Authorization` is judged alone, whatever cookie comes with it', async () => {
      const token = `Authorization: Bearer ${scene.user.token}`;
      const arrival = await passed(ask([session, token]));
      expect(valuesOf(arrival, 'authorization')).toEqual([`Bearer ${scene.user.token}`]);
      isRefused(await ask([cookieOf(await scene.browser('admin')), token], '/admin/users'), 403);
      for (const other of ['Basic YTpi', 'Bearer x', 'x']) {
        isRefused(await ask([session, `Authorization: ${other}`]), 401);
      }
    });

    it('passes on unchanged where nothing was exchanged, and one of the client for that of an exchange never', async () => {
      const forged = ['X-Auth-Exchanged: Bearer forged', 'X-Auth-Authorization: Bearer forged'];
      const token = `Bearer ${scene.admin.token}`;
      for (const path of ['/orders', '/admin/users']) {
        const arrival = await passed(ask([`Authorization: ${token}`, ...forged, 'Cookie: theme=dark'], path));
        expect([valuesOf(arrival, 'authorization'), valuesOf(arrival, 'cookie')]).toEqual([[token], ['theme=dark']]);
      }
      const arrival = await passed(
        ask([personal.replace('Authorization: Bearer', 'authorization:   bearer'), ...forged]),
      );
      expect(await tokenIn(arrival)).toMatchObject(credentials['a personal access token']!.states);
    });

    it('is worth nothing from the logout on, or once it is deleted', async () => {
      const leaving = await scene.browser();
      await passed(ask([cookieOf(leaving)]));
      const { session: copied } = leaving;
      await leaving.post('/auth/logout');
      isRefused(await ask([`Cookie: ${SESSION}=${copied}`]), 401);

      const { id, api_key } = await personalToken(scene.countersign, scene.user.token);
      const line = `Authorization: Bearer ${api_key}`;
      await passed(ask([line]));
      const { http } = scene.countersign;
      const { body } = await http.get<ApiKeysView>('/api-keys', { token: scene.user.token });
      expect(body.items.find((item) => item.id === id)!.last_used_address).toBe('127.0.0.1');
      await http.delete(`/api-keys/${id}`, { token: scene.user.token });
      isRefused(await ask([line]), 401);
    });

    it.each([
      ['that says nothing', []],
      ['of another site', ['Sec-Fetch-Site: cross-site', 'Origin: https://evil.example']],
      ['of the same site, but not listed', ['Sec-Fetch-Site: same-site', 'Origin: https://blog.example.com']],
      ['of a hidden origin', ['Origin: null']],
      ['of another origin, in an old browser', ['Origin: https://evil.example']],
      [
        'that claims to ask by GET',
        ['Origin: https://evil.example', 'X-Forwarded-Method: GET', 'X-HTTP-Method-Override: GET'],
      ],
    ])('in a cookie does not speak for a POST from a page %s', async (_, headers) => {
      isRefused(await post([session, ...headers]), 403);
      // Nobody else can have sent an `Authorization`.
      await passed(post([personal, ...headers]));
    });

    it('in a cookie speaks for a POST of our own pages, and with its body', async () => {
      for (const own of ['Sec-Fetch-Site: same-origin', `Origin: ${PUBLIC_URL}`]) {
        const arrival = await passed(post([session, own]));
        expect([arrival.method, arrival.body]).toEqual(['POST', '{"item":1}']);
        isRefused(await post([session, own], 'text/plain'), 403);
      }
      await passed(ask([session, 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate']));
    });

    it('in a cookie opens a WebSocket for our own pages, and for no others', async () => {
      for (const foreign of [[], ['Origin: https://evil.example'], ['Sec-Fetch-Site: same-site']]) {
        isRefused(await scene.upgrade([session, ...foreign]), 403);
      }
      const { head, arrivals } = await scene.upgrade([session, `Origin: ${PUBLIC_URL}`]);
      expect(head).toMatch(/^HTTP\/1\.1 101 /);
      expect(await tokenIn(arrivals[0]!)).toMatchObject({ client_id: 'web' });
    });
  });

  describe('a token that is bound to a key (RFC 9449)', () => {
    let scene: GatewayScene;
    let key: DpopKey;
    let token: string;
    beforeAll(async () => {
      scene = sceneOf();
      const { http } = scene.countersign;
      key = await DpopKey.create({ http, publicUrl: PUBLIC_URL, clock: new SystemClock() });
      const email = 'bound@example.com';
      await http.post('/auth/register', { email, password: PASSWORD });
      token = (await key.login(email)).access_token;
    });

    const ask = (headers: string[], path = '/orders?page=2', method = 'GET') =>
      scene.ask(path, { method, headers: [`Authorization: DPoP ${token}`, ...headers] });

    it('arrives with its proof, and once', async () => {
      const proof = await key.proof('DELETE', `${GATEWAY}/orders`, token);
      const { status, arrivals } = await ask([`DPoP: ${proof}`], '/orders?page=2', 'DELETE');
      expect([status, arrivals.length]).toEqual([200, 1]);
      const [arrival] = arrivals as [Arrival];
      expect(valuesOf(arrival, 'authorization').concat(valuesOf(arrival, 'dpop'))).toEqual([`DPoP ${token}`, proof]);
      const again = await ask([`DPoP: ${proof}`], '/orders?page=2', 'DELETE');
      isRefused(again, 401);
      expect(again.head).toMatch(/\r\nwww-authenticate: DPoP error="invalid_dpop_proof"/i);
    });

    it.each([
      ['without a proof', () => []],
      ['with the proof for another method', async () => [await key.proof('POST', `${GATEWAY}/orders`, token)]],
      ['with the proof for another path', async () => [await key.proof('GET', `${GATEWAY}/admin`, token)]],
      ['with the proof for another host', async () => [await key.proof('GET', 'http://evil.example/orders', token)]],
      ['with the proof for another scheme', async () => [await key.proof('GET', 'https://localhost/orders', token)]],
    ])('does not arrive %s', async (_, proofs) => {
      isRefused(await ask((await proofs()).map((proof) => `DPoP: ${proof}`)), 401);
    });

    it('does not arrive by a URL that the client says that it asked for', async () => {
      const proof = await key.proof('GET', 'https://other.example/other', token);
      const forged = ['X-Forwarded-Proto: https', 'X-Forwarded-Host: other.example', 'X-Forwarded-Uri: /other'];
      isRefused(await ask([`DPoP: ${proof}`, ...forged]), 401);
    });

    it('does not arrive as a bearer token', async () => {
      isRefused(await scene.ask('/orders', { token }), 401);
    });
  });
}
