import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendRaw } from '../../attacks/raw-http.js';
import { attackGateway } from '../support/attack-gateway.js';
import { GatewayScene } from '../support/gateway-scene.js';
import { identityIn, valuesOf } from '../support/upstream.js';
import { startTraefik } from './start-traefik.js';

const hostOf = (path: string): string => (path.startsWith('/admin') ? 'admin.localhost' : 'localhost');

// The example has no router without a verdict, and none that differs by path: what a path could be taken for does not
// matter, and what a host could be taken for is asked below.
attackGateway('Traefik', (ports) => startTraefik(ports), { hostOf, closedByHost: true, passesSession: true });

describe('Traefik, with a middleware that takes all cookies away,', () => {
  let scene: GatewayScene;
  let bearer: string;
  beforeAll(async () => {
    const adapt = (text: string) =>
      text
        .replaceAll(/(middlewares: \[.+)\]/g, '$1, no-cookies]')
        .replace(/^ {2}middlewares:\n/m, "$&    no-cookies: { headers: { customRequestHeaders: { Cookie: '' } } }\n");
    scene = await GatewayScene.start((ports) => startTraefik(ports, adapt), { hostOf });
    bearer = `Authorization: Bearer ${scene.user.token}`;
  });
  afterAll(() => scene?.stop());

  it('hands the service the token that was exchanged for the session, and no cookie', async () => {
    const { session } = await scene.browser();
    const { status, arrivals } = await scene.ask('/orders', {
      headers: [`Cookie: __Host-countersign=${session}; theme=dark`],
    });
    expect([status, arrivals.length]).toEqual([200, 1]);
    expect(valuesOf(arrivals[0]!, 'cookie')).toEqual([]);
    expect(valuesOf(arrivals[0]!, 'authorization')).toEqual([expect.stringMatching(/^Bearer ey/)]);
  });

  it('answers a refusal with the problem of Countersign', async () => {
    for (const [path, headers, code] of [
      ['/orders', [], 'token_missing'],
      ['/orders', [`${bearer}x`], 'token_invalid'],
      ['/admin/users', [bearer], 'forbidden'],
    ] as const) {
      const { head, body } = await scene.ask(path, { headers: [...headers] });
      expect(head).toMatch(/\r\ncontent-type: application\/problem\+json/i);
      expect(JSON.parse(body)).toMatchObject({ code });
    }
  });

  it.each([
    ['/users', ['Host: ADMIN.localhost']],
    ['/users', ['Host: admin.localhost.']],
    ['/users', ['Host: admin.localhost:8080']],
    ['/users', ['Host: localhost@admin.localhost']],
    ['/users', ['Host: localhost,admin.localhost']],
    ['/users', ['Host: localhost', 'Host: admin.localhost']],
    ['/users', ['Host: admin.localhost', 'Host: localhost']],
    ['/users', ['Host: localhost', 'X-Forwarded-Host: admin.localhost']],
    ['http://admin.localhost/users', ['Host: localhost']],
    ['http://localhost/users', ['Host: admin.localhost']],
  ])('leaves the service no host to misread: %s %j', async (target, hosts) => {
    const { arrivals } = await scene.watch(
      sendRaw(scene.url, [`GET ${target} HTTP/1.1`, ...hosts, 'Connection: close', bearer]),
    );
    for (const arrival of arrivals) {
      expect([...valuesOf(arrival, 'host'), ...valuesOf(arrival, 'x-forwarded-host')]).toEqual([
        'localhost',
        'localhost',
      ]);
    }
  });

  it('drops no identity on the way to a WebSocket, whatever `Connection` lists', async () => {
    const { arrivals } = await scene.upgrade([
      bearer,
      'Connection: keep-alive, X-Auth-Subject',
      'X-Auth-Subject: forged',
    ]);
    expect(arrivals).toHaveLength(1);
    expect(identityIn(arrivals[0]!)).toMatchObject(scene.user.identity);
  });
});
