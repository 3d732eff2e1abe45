import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { askRaw, postRaw } from '../../attacks/raw-http.js';
import type { GatewayProcess } from './gateway-process.js';
import type { StartGateway } from './gateway-scene.js';
import { StandIn, STAND_IN_IDENTITY, TRADED } from './stand-in.js';
import { identityIn, Upstream, valuesOf } from './upstream.js';

const SESSION = 'Cookie: __Host-countersign=s3ss10n';
const JWT = 'Bearer eyJvd24.of.client';

/** What a gateway does with credentials, before a stand-in that trades them. */
export function tradeThrough(name: string, startGateway: StartGateway): void {
  describe(`${name}, where credentials are traded`, () => {
    let standIn: StandIn;
    let upstream: Upstream;
    let gateway: GatewayProcess;
    beforeAll(async () => {
      [standIn, upstream] = [await StandIn.start(), await Upstream.start()];
      const ports = { countersign: standIn.port, extAuthz: standIn.grpcPort, service: upstream.port };
      gateway = await (startGateway as (given: typeof ports) => Promise<GatewayProcess>)(ports);
    });
    beforeEach(() => {
      standIn.status = null;
      standIn.told.splice(0);
      upstream.arrivals.splice(0);
    });
    afterAll(async () => {
      await gateway?.stop();
      await upstream?.stop();
      await standIn?.stop();
    });

    /** The one request that reached the service. */
    const passed = async (path: string, headers: string[]) => {
      expect((await askRaw(gateway.url, 'GET', path, headers)).status).toBe(200);
      expect(upstream.arrivals).toHaveLength(1);
      return upstream.arrivals.pop()!;
    };
    const cookiesIn = (lines: string[]) => lines.flatMap((line) => line.split(/; */)).filter((pair) => pair !== '');

    it('passes the token on that a session was traded for, and the cookies of the application', async () => {
      for (const [sent, left] of [
        [[SESSION], []],
        [[`${SESSION}; theme=dark; lang=de`], ['theme=dark', 'lang=de']],
        [['Cookie: theme=dark; __Host-countersign=s3ss10n; lang=de'], ['theme=dark', 'lang=de']],
        [['Cookie: theme=dark;lang=de; __Host-countersign=s3ss10n'], ['theme=dark', 'lang=de']],
      ] as const) {
        const arrival = await passed('/orders', [...sent]);
        expect(valuesOf(arrival, 'authorization')).toEqual([TRADED]);
        expect([sent, cookiesIn(valuesOf(arrival, 'cookie'))]).toEqual([sent, left]);
        expect(identityIn(arrival)).toEqual(STAND_IN_IDENTITY);
      }
    });

    it('passes the session on to nobody, however often it comes, and wherever it goes', async () => {
      for (const path of ['/orders', '/admin/users', '/public/news']) {
        for (const headers of [
          [`${SESSION}; __Host-countersign=again`],
          [SESSION, 'Cookie: __Host-countersign=again; theme=dark'],
          [SESSION, 'Cookie: theme=dark', 'Cookie: __Host-countersign=again'],
          [`${SESSION}; theme=dark`, `Authorization: ${JWT}`],
        ]) {
          await askRaw(gateway.url, 'GET', path, headers);
          for (const arrival of upstream.arrivals) {
            expect([path, headers, arrival.rawHeaders.join('\n').includes('__Host-countersign')]).toEqual([
              path,
              headers,
              false,
            ]);
          }
        }
      }
    });

    it('leaves nothing of a credential that was traded', async () => {
      for (const headers of [
        ['Authorization: Bearer csk_key'],
        ['Authorization: Basic YTpi', SESSION],
        ['authorization:   bearer csk_key', 'X-Auth-Traded: Bearer forged', 'X-Auth-Authorization: Bearer forged'],
      ]) {
        const arrival = await passed('/orders', headers);
        expect(valuesOf(arrival, 'authorization')).toEqual([TRADED]);
        expect(arrival.rawHeaders.join('\n')).not.toMatch(/csk_key|YTpi/);
      }
    });

    it('passes the token of the client on unchanged where nothing was traded', async () => {
      for (const path of ['/orders', '/admin/users']) {
        const headers = [`Authorization: ${JWT}`, 'X-Auth-Traded: Bearer forged', 'Cookie: theme=dark'];
        const arrival = await passed(path, headers);
        expect(valuesOf(arrival, 'authorization')).toEqual([JWT]);
        expect(valuesOf(arrival, 'cookie')).toEqual(['theme=dark']);
      }
    });

    it('tells what a verdict depends on, as it is and not as the client says', async () => {
      const told = {
        cookie: '__Host-countersign=s3ss10n',
        origin: 'https://app.example.com',
        'sec-fetch-site': 'same-origin',
        'sec-fetch-mode': 'cors',
        'content-type': 'application/json',
        accept: 'application/json',
        dpop: 'eyJ.a.proof',
      };
      const headers = [
        ...Object.entries(told).map(([header, value]) => `${header}: ${value}`),
        'X-Forwarded-Method: OPTIONS',
        'X-Forwarded-Uri: /public/',
        'X-Forwarded-Host: evil.example',
        'X-Forwarded-Proto: https',
      ];
      const { status } = await postRaw(gateway.url, '/orders/1?page=2', '{"x":1}', headers);
      expect([status, standIn.told.length]).toEqual([200, 1]);
      expect(standIn.told[0]).toMatchObject({
        ...told,
        'x-forwarded-method': 'POST',
        'x-forwarded-uri': '/orders/1?page=2',
        'x-forwarded-host': expect.stringMatching(/^localhost(:\d+)?$/) as string,
        'x-forwarded-proto': 'http',
      });
      expect(upstream.arrivals[0]!.body).toBe('{"x":1}');
    });

    it.each([500, 503, 429, 404, 302])('takes %d for no verdict', async (status) => {
      standIn.status = status;
      await askRaw(gateway.url, 'GET', '/orders', [SESSION]);
      expect([standIn.told.length > 0, upstream.arrivals]).toEqual([true, []]);
    });
  });
}
