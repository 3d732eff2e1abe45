import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVerifier } from '../../packages/client/src/index.js';
import { Browser } from '../support/browser.js';
import { HttpClient } from '../support/http-client.js';
import { freePort } from '../system/support/free-port.js';
import { PASSWORD, Scene, type Service } from '../system/support/service.js';
import { attackGateway } from './support/attack-gateway.js';
import type { GatewayProcess } from './support/gateway-process.js';
import { startNginx } from './support/nginx.js';
import { Upstream } from './support/upstream.js';

attackGateway('nginx', (ports) => startNginx(ports));

describe('nginx in development: plain HTTP, one origin for pages, Countersign and the service', () => {
  const scene = new Scene();
  let countersign: Service;
  let service: Upstream;
  let nginx: GatewayProcess;
  let origin: string;
  let http: HttpClient;

  beforeAll(async () => {
    const port = await freePort();
    service = await Upstream.start();
    nginx = await startNginx(
      { countersign: port, extAuthz: 0, service: service.port },
      {
        // As docs/browsers.md has it.
        adapt: (text) =>
          text
            .replaceAll('__Host-countersign', 'countersign')
            .replace(/^server \{/m, 'server {\n    include countersign-origin.conf;'),
      },
    );
    origin = nginx.url.replace('127.0.0.1', 'localhost');
    http = new HttpClient(nginx.url);
    countersign = await scene.start({
      NODE_ENV: 'development',
      PORT: String(port),
      PUBLIC_URL: origin,
      TRUSTED_PROXIES: '127.0.0.1/32',
    });
    await countersign.http.post('/auth/register', { email: 'alice@example.com', password: PASSWORD });
  });
  afterAll(async () => {
    await nginx?.stop();
    await service?.stop();
    await scene.clear();
  });

  it('signs a browser in by a cookie that plain HTTP carries, and hands the service a token', async () => {
    const browser = new Browser(http);
    expect(await browser.signIn('alice@example.com', PASSWORD)).toMatch(/^[\w-]{64}$/);
    const cookie = /^countersign=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/;
    expect(browser.received).toContainEqual(expect.stringMatching(cookie));
    const answer = await browser.get('/orders');
    expect(answer.status).toBe(200);
    const { rawHeaders } = service.arrivals.at(-1)!;
    expect(rawHeaders.join('\n')).toMatch(/\nBearer ey/);
    expect(rawHeaders.join('\n')).not.toMatch(/\bcountersign=/);
  });

  it('lets verifiers behind PUBLIC_URL find keys and revocations there', async () => {
    const verifier = createVerifier({ issuer: origin, audience: 'api' });
    await verifier.ready();
    expect(verifier.metrics).toMatchObject({ feed: 'connected', keys: 1 });
    await verifier.close();
  });

  it('answers a refusal with the problem of Countersign, word for word, and its challenge', async () => {
    const browser = new Browser(http);
    await browser.signIn('alice@example.com', PASSWORD);
    const refusals = [
      [await http.get('/orders'), 401, 'token_missing'],
      [await http.get('/orders', { token: 'x' }), 401, 'token_invalid'],
      [await browser.get('/admin/users'), 403, 'forbidden'],
      [
        await browser.post('/orders', { item: 1 }, { headers: { 'sec-fetch-site': 'cross-site' } }),
        403,
        'csrf_refused',
      ],
    ] as const;
    for (const [{ status, headers, body }, expected, code] of refusals) {
      expect([status, headers.get('content-type')]).toEqual([expected, 'application/problem+json']);
      expect(body).toMatchObject({ type: `${origin}/problems/${code}`, status, code, request_id: expect.any(String) });
      expect(headers.get('x-auth-problem')).toBeNull();
    }
    expect(refusals[1][0].headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  });

  it('answers what it refuses by itself with a problem, too', async () => {
    const crooked = await http.get('/public/%252e%252e/admin');
    expect([crooked.status, crooked.headers.get('content-type')]).toEqual([400, 'application/problem+json']);
    expect(crooked.body).toEqual({ title: 'The gateway refuses the request' });
    await countersign.kill();
    const away = await http.get('/orders', { token: 'x' });
    expect([away.status, away.headers.get('content-type')]).toEqual([500, 'application/problem+json']);
    expect(away.body).toEqual(crooked.body);
  });
});
