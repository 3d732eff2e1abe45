import { createRemoteJWKSet, jwtVerify } from 'jose';
import { chromium, type Browser, type BrowserContext, type Page, type Response } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GatewayProcess } from '../gateways/support/gateway-process.js';
import { Upstream, type Arrival } from '../gateways/support/upstream.js';
import { freePort } from '../system/support/free-port.js';
import { PASSWORD, Scene, type Service } from '../system/support/service.js';
import { startShop } from './support/nginx.js';

const CHROMIUM = '/usr/bin/chromium';
const EMAIL = 'alice@example.com';
const COOKIE = '__Host-countersign';

// Chromium does not sandbox as root, and calls home unless told otherwise. Ports make no site, so the pages have names.
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP *.test 127.0.0.1',
];

const scene = new Scene();
let countersign: Service;
let service: Upstream;
let nginx: GatewayProcess;
let chrome: Browser;
let context: BrowserContext;
/** Origins: the shop with its API, a page of ours on the same site, one of others on it, and one of elsewhere. */
let shop: string;
let listed: string;
let sibling: string;
let evil: string;

beforeAll(async () => {
  const port = await freePort();
  service = await Upstream.start();
  nginx = await startShop(port, service.port);
  [shop, listed, sibling, evil] = ['shop', 'app.shop', 'blog.shop', 'evil'].map(
    (name) => `https://${name}.test:${nginx.port}`,
  ) as [string, string, string, string];
  countersign = await scene.start({
    PORT: String(port),
    PUBLIC_URL: shop,
    CORS_ORIGINS: listed,
    TRUSTED_PROXIES: '127.0.0.1/32',
  });
  await countersign.http.post('/auth/register', { email: EMAIL, password: PASSWORD });
  chrome = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
});
beforeEach(async () => void (context = await chrome.newContext({ ignoreHTTPSErrors: true })));
afterEach(() => context?.close());
afterAll(async () => {
  await chrome?.close();
  await nginx?.stop();
  await service?.stop();
  await scene.clear();
});

async function open(origin: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(origin);
  return page;
}
const shows = (page: Page, text: string) => page.locator('output', { hasText: text }).waitFor({ timeout: 20_000 });

async function signedIn(origin = shop): Promise<Page> {
  const page = await open(origin);
  await shows(page, 'GET /api/orders: 401');
  await page.locator('input[name=email]').fill(EMAIL);
  await page.locator('input[name=password]').fill(PASSWORD);
  await page.locator('#sign-in button').click();
  await shows(page, 'POST /auth/login: 200');
  return page;
}
const reload = async (page: Page, status: number) => {
  await page.reload();
  await shows(page, `GET /api/orders: ${status}`);
};
const sessionCookie = async () => (await context.cookies(shop)).find(({ name }) => name === COOKIE);

/** What reaches the service while something happens. */
async function arrivalsDuring(work: () => Promise<unknown>): Promise<Arrival[]> {
  const before = service.arrivals.length;
  await work();
  return service.arrivals.slice(before);
}
const headersOf = ({ rawHeaders }: Arrival) =>
  new Headers(rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [[name, rawHeaders[i + 1]!] as [string, string]] : [])));

interface Init {
  method?: string;
  mode?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** The status that a fetch of a page gets; 0 where it may not look at the answer, which has come all the same. */
const fetchIn = (page: Page, path: string, init: Init = {}): Promise<number> =>
  page.evaluate(`fetch('${shop}${path}', ${JSON.stringify({ credentials: 'include', ...init })}).then(
    (response) => response.status,
    () => 0,
  )`);

/** Sends a form to the shop, and answers what the browser then shows. */
async function submit(page: Page, path: string, enctype: string): Promise<Response> {
  const answer = page.waitForResponse((response) => response.url() === shop + path);
  const form = { method: 'POST', action: shop + path, enctype };
  await page.evaluate(`{
    const form = Object.assign(document.createElement('form'), ${JSON.stringify(form)});
    form.append(Object.assign(document.createElement('input'), { name: '{"a":"', value: '"}' }));
    document.body.append(form);
    form.submit();
  }`);
  return answer;
}

describe('a person uses a shop in a browser', () => {
  it('whose session is in a cookie that no script, no other host and no plain HTTP can reach', async () => {
    const page = await signedIn();
    const cookie = (await sessionCookie())!;
    expect(cookie).toMatchObject({ path: '/', domain: 'shop.test', secure: true, httpOnly: true, sameSite: 'Lax' });
    expect(`${COOKIE}=${cookie.value}`.length).toBeLessThan(100);
    expect(cookie.expires - Date.now() / 1000).toBeGreaterThan(179 * 86_400);
    expect(await page.evaluate('document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage })')).toBe('{}');
    expect(await context.cookies(listed)).not.toContainEqual(expect.objectContaining({ name: COOKIE }));
  });

  it('and the service behind it gets a JWT that it can verify, and no cookie', async () => {
    const page = await signedIn();
    const arrivals = await arrivalsDuring(async () => {
      await reload(page, 200);
      await page.locator('#order').click();
      await shows(page, 'POST /api/orders: 200');
    });
    expect(arrivals.map(({ method, body }) => [method, body])).toEqual([
      ['GET', ''],
      ['POST', '{"item":1}'],
    ]);
    const keys = createRemoteJWKSet(new URL(`${countersign.url}/.well-known/jwks.json`));
    for (const arrival of arrivals) {
      const headers = headersOf(arrival);
      expect(headers.get('cookie')).toBeNull();
      const token = headers.get('authorization')!.replace(/^Bearer /, '');
      const { payload } = await jwtVerify(token, keys, { issuer: shop, audience: 'api' });
      expect(payload).toMatchObject({ email: EMAIL, sub: headers.get('x-auth-subject') });
    }
  });

  it('in three tabs, over reloads, until a logout in one of them', async () => {
    const first = await signedIn();
    const tabs = [first, await open(shop), await open(shop)];
    for (const tab of tabs) await reload(tab, 200);
    await first.locator('#sign-out').click();
    await shows(first, 'POST /auth/logout: 204');
    expect(await sessionCookie()).toBeUndefined();
    const arrivals = await arrivalsDuring(async () => {
      for (const tab of tabs) {
        await tab.locator('#order').click();
        await shows(tab, 'POST /api/orders: 401');
        await reload(tab, 401);
      }
    });
    expect(arrivals).toEqual([]);
  });

  it('and a cookie that was copied before the logout is of no use after it', async () => {
    const page = await signedIn();
    const copied = (await sessionCookie())!;
    await page.locator('#sign-out').click();
    await shows(page, 'POST /auth/logout: 204');
    await context.addCookies([copied]);
    await reload(page, 401);
  });

  it('from a listed origin of the same site, too', async () => {
    const page = await signedIn(listed);
    await reload(page, 200);
    const arrivals = await arrivalsDuring(async () => {
      await page.locator('#order').click();
      await shows(page, 'POST /api/orders: 200');
    });
    // The browser asks first whether it may; that says nothing of anybody.
    expect(arrivals.map(({ method }) => method)).toEqual(['OPTIONS', 'POST']);
    expect(headersOf(arrivals[0]!).get('authorization')).toBeNull();
    expect(headersOf(arrivals[1]!).get('authorization')).toMatch(/^Bearer ey/);
    expect(await fetchIn(page, '/auth/me')).toBe(200);
    expect(await fetchIn(page, '/auth/refresh', { method: 'POST' })).toBe(200);
    await page.locator('#sign-out').click();
    await shows(page, 'POST /auth/logout: 204');
    expect(await sessionCookie()).toBeUndefined();
  });
});

describe('a page of somebody else, open beside the shop', () => {
  const ENCODINGS = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'];

  it('sends forms, and none gets through', async () => {
    const page = await signedIn();
    const arrivals = await arrivalsDuring(async () => {
      // From another site the cookie does not come along, from the same it does.
      for (const [origin, status] of [
        [evil, 401],
        [sibling, 403],
      ] as const) {
        for (const encoding of ENCODINGS) {
          const answer = await submit(await open(origin), '/api/orders', encoding);
          expect([origin, encoding, answer.status()]).toEqual([origin, encoding, status]);
          for (const path of ['/auth/logout', '/auth/refresh', '/auth/login']) {
            const refused = (await submit(await open(origin), path, encoding)).status();
            expect([path, [401, 403, 415].includes(refused)]).toEqual([path, true]);
          }
        }
      }
    });
    expect(arrivals).toEqual([]);
    await reload(page, 200);
  });

  it('fetches, and gets nothing done and nothing to see', async () => {
    const page = await signedIn();
    const cookie = await sessionCookie();
    const arrivals = await arrivalsDuring(async () => {
      for (const origin of [evil, sibling]) {
        const foreign = await open(origin);
        const bodies = ['{"item":1}', new URLSearchParams('a=b').toString()];
        for (const body of bodies) {
          for (const path of ['/api/orders', '/auth/logout', '/auth/refresh', '/auth/login']) {
            expect(await fetchIn(foreign, path, { method: 'POST', mode: 'no-cors', body })).toBe(0);
            expect(await fetchIn(foreign, path, { method: 'POST', body })).toBe(0);
            const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
            expect(await fetchIn(foreign, path, json)).toBe(0);
          }
        }
        expect(await fetchIn(foreign, '/auth/logout', { method: 'POST', mode: 'no-cors' })).toBe(0);
        expect(await fetchIn(foreign, '/auth/me')).toBe(0);
        expect(await fetchIn(foreign, '/users/me', { method: 'DELETE' })).toBe(0);
      }
    });
    expect(arrivals.filter(({ method }) => method !== 'OPTIONS')).toEqual([]);
    expect(await sessionCookie()).toEqual(cookie);
    await reload(page, 200);
  });

  it('opens no WebSocket, which the shop does', async () => {
    const page = await signedIn();
    const socket = (from: Page): Promise<string> =>
      from.evaluate(`new Promise((resolve) => {
        const live = new WebSocket('${shop.replace('https', 'wss')}/api/live');
        live.addEventListener('open', () => resolve('open'));
        live.addEventListener('error', () => resolve('refused'));
      })`);
    expect(await socket(page)).toBe('open');
    const arrivals = await arrivalsDuring(async () => {
      for (const origin of [evil, sibling]) expect(await socket(await open(origin))).toBe('refused');
    });
    expect(arrivals).toEqual([]);
  });
});
