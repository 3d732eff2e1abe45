import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../../../src/common/clock.js';
import { DpopKey } from '../../support/dpop-key.js';
import type { Service } from '../../system/support/service.js';
import type { GatewayProcess, Ports } from './gateway-process.js';
import { GatewayScene } from './gateway-scene.js';

/** As the raw requests of these tests name the gateway, in `Host`. */
const ORIGIN = 'http://localhost';

/** A token that is bound to a key (RFC 9449) on its way through a gateway that is started on its example. */
export function carryBoundTokens(
  name: string,
  startGateway: (ports: Ports, countersign: Service) => Promise<GatewayProcess>,
): void {
  describe(`a bound token through ${name}`, () => {
    let scene: GatewayScene;
    let key: DpopKey;
    let token: string;
    beforeAll(async () => {
      scene = await GatewayScene.start(startGateway);
      const http = scene.countersign.http;
      key = await DpopKey.create({ http, clock: new SystemClock() });
      const email = 'bound@example.com';
      await http.post('/auth/register', { email, password: 'correct horse battery staple' });
      token = (await key.login(email)).access_token;
    });
    afterAll(() => scene.stop());

    const ask = (headers: string[], path = '/orders?page=2', method = 'GET') =>
      scene.ask(path, { method, headers: [`Authorization: DPoP ${token}`, ...headers] });

    it('arrives with its proof, and once', async () => {
      const proof = `DPoP: ${await key.proof('DELETE', `${ORIGIN}/orders`, token)}`;
      const passed = await ask([proof], '/orders?page=2', 'DELETE');
      expect([passed.status, passed.arrivals.length]).toEqual([200, 1]);
      const again = await ask([proof], '/orders?page=2', 'DELETE');
      expect([again.status, again.arrivals.length]).toEqual([401, 0]);
      expect(again.head).toMatch(/\r\nwww-authenticate: DPoP error="invalid_dpop_proof"/i);
    });

    it.each([
      ['without a proof', () => []],
      ['with the proof for another method', async () => [await key.proof('POST', `${ORIGIN}/orders`, token)]],
      ['with the proof for another path', async () => [await key.proof('GET', `${ORIGIN}/admin`, token)]],
      ['with the proof for another host', async () => [await key.proof('GET', 'http://evil.example/orders', token)]],
    ])('does not arrive %s', async (_, proofs) => {
      const refused = await ask((await proofs()).map((proof) => `DPoP: ${proof}`));
      expect([refused.status, refused.arrivals.length]).toEqual([401, 0]);
    });

    it('does not arrive by a URL that the client says that it asked for', async () => {
      const proof = await key.proof('GET', 'https://other.example/other', token);
      const refused = await ask([
        `DPoP: ${proof}`,
        'X-Forwarded-Proto: https',
        'X-Forwarded-Host: other.example',
        'X-Forwarded-Uri: /other',
      ]);
      expect([refused.status, refused.arrivals.length]).toEqual([401, 0]);
    });

    it('does not arrive as a bearer token', async () => {
      const refused = await scene.ask('/orders', { token });
      expect([refused.status, refused.arrivals.length]).toEqual([401, 0]);
    });
  });
}
