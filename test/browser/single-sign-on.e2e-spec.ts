import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../system/support/free-port.js';
import { PASSWORD, REPOSITORY, Scene, type Service } from '../system/support/service.js';

const SCREENSHOT = join(REPOSITORY, 'docs/images/sign-in.png');
const FLAGS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
const { resolve } = createRequire(import.meta.url);
const AXE = readFileSync(resolve('axe-core/axe.min.js'), 'utf8');
const LIBRARY = readFileSync(
  join(REPOSITORY, 'node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js'),
  'utf8',
);

const scene = new Scene();
let service: Service;
let url: string;
let app: string;
let server: Server;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let admin: string;
let client: string;
let portal: string;
const complaints: string[] = [];
let people = 0;

// An application as the guide of oidc-client-ts has it.
const pageOf = (id: string): string => `<!doctype html><title>App</title><script src="/oidc-client-ts.js"></script>
<p id="state">starting</p><button id="in">Sign in</button><button id="refresh">Refresh</button><button id="out">Sign out</button>
<script>
const manager = new oidc.UserManager({
  authority: '${url}', client_id: '${id}', redirect_uri: location.origin + '/callback', scope: 'openid email',
  post_logout_redirect_uri: location.origin + '/', loadUserInfo: true,
  userStore: new oidc.WebStorageStateStore({ store: sessionStorage }),
});
const show = (text) => void (document.getElementById('state').textContent = text);
const state = async () => { const user = await manager.getUser(); show(user ? 'signed in as ' + user.profile.email + ', token ' + user.access_token.slice(-8) : 'signed out'); };
const run = (work) => work().then(state, (error) => show('failed: ' + error.message));
document.getElementById('in').onclick = () => manager.signinRedirect();
document.getElementById('refresh').onclick = () => run(() => manager.signinSilent());
document.getElementById('out').onclick = () => manager.signoutRedirect();
run(() => location.pathname === '/callback'
  ? manager.signinRedirectCallback().then(() => history.replaceState(null, '', '/')) : Promise.resolve());
</script>`;

beforeAll(async () => {
  const [port, appPort] = [await freePort(), await freePort()];
  [url, app] = [`http://localhost:${port}`, `http://localhost:${appPort}`];
  const credentials = { email: 'admin@example.com', password: PASSWORD };
  service = await scene.start({
    NODE_ENV: 'development',
    PORT: String(port),
    PUBLIC_URL: url,
    CORS_ORIGINS: app,
    ADMIN_EMAIL: credentials.email,
    ADMIN_PASSWORD: credentials.password,
  });
  admin = (await service.http.post<{ access_token: string }>('/auth/login', credentials)).body.access_token;
  const uris = { redirect_uris: [`${app}/callback`], post_logout_redirect_uris: [`${app}/`] };
  const create = async (settings: object) => {
    const body = { type: 'public', ...uris, ...settings };
    return (await service.http.post<{ id: string }>('/clients', body, { token: admin })).body.id;
  };
  client = await create({ name: 'App', first_party: true });
  portal = await create({ name: 'Portal' });
  server = createServer((request, response) => {
    const isLibrary = request.url === '/oidc-client-ts.js';
    response.setHeader('content-type', isLibrary ? 'text/javascript' : 'text/html');
    response.end(isLibrary ? LIBRARY : pageOf(client));
  });
  await new Promise<void>((done) => void server.listen(appPort, 'localhost', done));
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args: FLAGS });
});
afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
  await scene.clear();
});

const open = async (options = {}) => {
  context = await browser.newContext({ viewport: { width: 390, height: 800 }, locale: 'en', ...options });
  page = await context.newPage();
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && !text.startsWith('Failed to load resource')) complaints.push(text);
  });
  page.on('pageerror', (error) => complaints.push(error.message));
};
beforeEach(() => open());
afterEach(async () => {
  await context.close();
  expect(complaints.splice(0)).toEqual([]);
});

async function person(): Promise<string> {
  const email = `alice${++people}@example.com`;
  await service.http.post('/auth/register', { email, password: PASSWORD });
  return email;
}
async function fillIn(email: string, password = PASSWORD): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}
const state = () => page.locator('#state');
const requestOf = (id: string) =>
  `${url}/oauth/authorize?${new URLSearchParams({
    client_id: id,
    redirect_uri: `${app}/callback`,
    response_type: 'code',
    scope: 'openid email',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  }).toString()}`;
/** The faults of a page for people who use a screen reader, a keyboard or large letters. */
const faultsOf = async () => {
  await page.evaluate(AXE);
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  const run = `axe.run(document, { runOnly: ${JSON.stringify(tags)} }).then(({ violations }) => violations.map(({ id }) => id))`;
  return page.evaluate<string[]>(run);
};

describe('oidc-client-ts in a browser', () => {
  it('signs a person in, refreshes, and signs them out', async () => {
    const email = await person();
    await page.goto(app);
    await expect.poll(() => state().textContent()).toBe('signed out');
    await page.locator('#in').click();
    await page.waitForURL(/\/sign-in\?/);
    await fillIn(email);
    await page.waitForURL(`${app}/`);
    await expect.poll(() => state().textContent()).toContain(`signed in as ${email}`);
    const before = await state().textContent();
    // The iat of the next token is another one.
    await page.waitForTimeout(1_100);
    await page.locator('#refresh').click();
    await expect.poll(() => state().textContent()).not.toBe(before);
    expect(await state().textContent()).toContain(`signed in as ${email}`);
    await page.locator('#out').click();
    await page.waitForURL(`${app}/`);
    await expect.poll(() => state().textContent()).toBe('signed out');
    await page.locator('#in').click();
    await page.waitForURL(/\/sign-in\?/);
  });

  it('signs a person in without a question in the second application of a browser', async () => {
    const email = await person();
    await page.goto(app);
    await page.locator('#in').click();
    await fillIn(email);
    await expect.poll(() => state().textContent()).toContain(email);
    const second = await context.newPage();
    await second.goto(app);
    await second.locator('#in').click();
    await expect.poll(() => second.locator('#state').textContent()).toContain(email);
  });
});

describe('the pages of single sign-on', () => {
  it('work without scripts, and Chromium follows the form to the application', async () => {
    await context.close();
    await open({ javaScriptEnabled: false });
    const email = await person();
    await page.goto(requestOf(portal));
    await fillIn(email, 'wrong');
    await page.getByRole('alert').waitFor();
    expect(await page.getByLabel('E-mail address').inputValue()).toBe(email);
    await fillIn(email);
    expect(await page.getByRole('heading').textContent()).toBe('Portal asks for access');
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.waitForURL(/\/callback\?code=cso_/);
  });

  it('send the answer by a form where the application asks for that, with and without scripts', async () => {
    for (const javaScriptEnabled of [true, false]) {
      await context.close();
      await open({ javaScriptEnabled });
      await page.route(`${app}/callback`, (route) => route.fulfill({ body: route.request().postData() ?? '' }));
      await page.goto(`${requestOf(client)}&response_mode=form_post`);
      await fillIn(await person());
      if (!javaScriptEnabled) await page.getByRole('button', { name: 'Continue' }).click();
      await page.waitForURL(`${app}/callback`);
      expect(await page.textContent('body')).toMatch(/^code=cso_/);
    }
  });

  it.each(['light', 'dark'] as const)(
    'can be used by everybody, %s, on a small and on a large window',
    async (colorScheme) => {
      for (const viewport of [
        { width: 320, height: 640 },
        { width: 1280, height: 640 },
      ]) {
        await context.close();
        await open({ colorScheme, viewport });
        await page.goto(requestOf(portal));
        expect(await faultsOf()).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
        if (process.env.UPDATE_SCREENSHOT === '1' && colorScheme === 'light' && viewport.width > 1000)
          await page.screenshot({ path: SCREENSHOT });
        await fillIn(await person());
        await page.getByRole('heading', { name: 'Portal asks for access' }).waitFor();
        expect(await faultsOf()).toEqual([]);
        await page.goto(`${url}/oauth/end-session`);
        expect(await faultsOf()).toEqual([]);
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
        expect(await faultsOf()).toEqual([]);
      }
    },
  );
});
