import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, REPOSITORY, Scene, type Service } from '../system/support/service.js';

const CHROMIUM = '/usr/bin/chromium';
const SCREENSHOT = join(REPOSITORY, 'docs/images/swagger-ui.png');
const EMAIL = 'alice@example.com';
const ADMIN = { email: 'admin@example.com', password: 'a first password of mine' };

// Chromium does not sandbox as root, and calls home unless told otherwise.
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

// Runs in the page.
const REPORT_VIOLATIONS = `document.addEventListener('securitypolicyviolation', (event) =>
  console.error('CSP: ' + event.violatedDirective + ' ' + event.blockedURI))`;

const updatesScreenshot = process.env.UPDATE_SCREENSHOT === '1';

const scene = new Scene();
let service: Service;
let browser: Browser;
let page: Page;
/** What the browser complained about, and what it asked of anybody but the service. */
const complaints: string[] = [];
const foreignRequests: string[] = [];

beforeAll(async () => {
  service = await scene.start({
    NODE_ENV: 'development',
    PORT: updatesScreenshot ? '3000' : '0',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
  });
  await service.http.post('/auth/register', { email: EMAIL, password: PASSWORD, display_name: 'Alice' });
  browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
  page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(service.url) && !request.url().startsWith('data:')) {
      foreignRequests.push(request.url());
    }
  });
  await page.addInitScript(REPORT_VIOLATIONS);
  await page.goto(`${service.url}/docs`, { waitUntil: 'networkidle' });
});
afterEach(() => {
  expect(complaints.splice(0)).toEqual([]);
  expect(foreignRequests.splice(0)).toEqual([]);
});
afterAll(async () => {
  await browser?.close();
  await scene.clear();
});

const operation = (id: string): Locator => page.locator(`.opblock[id$="${id}"]`);

/** Opens a group of operations by its id in the page. */
async function openGroup(id: string): Promise<void> {
  const group = page.locator(`#operations-tag-${id}`);
  if ((await group.getAttribute('data-is-open')) !== 'true') await group.click();
}

/** Opens or closes an operation of an open group. */
async function toggle(block: Locator, open: boolean): Promise<void> {
  const isOpen = (await block.getAttribute('class'))!.split(' ').includes('is-open');
  if (isOpen !== open) await block.locator('.opblock-summary-control').click();
}

/** Executes an operation as a person does. Answers the status and the body that the page shows. */
async function execute(id: string, body?: unknown): Promise<{ status: number; body: string }> {
  const block = operation(id);
  await toggle(block, true);
  const clear = block.locator('.btn-clear');
  if (await clear.isVisible()) await clear.click();
  if (body !== undefined) await block.locator('textarea.body-param__text').fill(JSON.stringify(body, null, 2));
  await block.locator('button.execute').click();
  const answer = block.locator('.live-responses-table tbody tr').first();
  const status = Number(await answer.locator('.response-col_status').innerText());
  if (status === 204) return { status, body: '' };
  return { status, body: await answer.locator('.highlight-code pre').first().innerText() };
}

describe('a person opens Swagger UI', () => {
  it('sees every group, the first one open, and each route with a summary', async () => {
    expect(await page.title()).toContain('Countersign');
    const groups = await page.locator('.opblock-tag').evaluateAll((tags) => tags.map((tag) => tag.id));
    expect(groups.length).toBeGreaterThan(4);
    expect(await page.locator('.opblock-tag[data-is-open="true"]').getAttribute('id')).toBe(groups[0]);
    for (const id of groups) await openGroup(id.replace('operations-tag-', ''));
    const summaries = await page.locator('.opblock-summary-description').allInnerTexts();
    expect(summaries.length).toBeGreaterThan(15);
    expect(summaries.filter((summary) => summary.trim() === '')).toEqual([]);
  });

  it('finds the guide of a group behind its link', async () => {
    const link = page.locator('#operations-tag-OAuth a.link');
    const { status, text } = await service.http.get((await link.getAttribute('href'))!.replace(service.url, ''));
    expect([status, text]).toEqual([200, expect.stringContaining('service account')]);
    expect((await service.http.get('/docs/guides/..%2fpackage.json')).status).toBe(404);
  });

  it('is offered in "Authorize" only what a page can send, from the top', async () => {
    await page.locator('.auth-wrapper .authorize').first().click();
    const dialog = page.locator('.modal-ux');
    expect(await dialog.locator('h4 code').allInnerTexts()).toEqual(['bearer', 'client']);
    expect(await dialog.locator('h3').evaluate((heading) => heading.getBoundingClientRect().top)).toBeGreaterThan(0);
    await dialog.locator('.close-modal').click();
  });

  it('narrows the groups down by a filter', async () => {
    await page.locator('.operation-filter-input').fill('Gateways');
    expect(await page.locator('.opblock-tag').count()).toBe(1);
    await page.locator('.operation-filter-input').fill('');
  });

  it('without a token GET /auth/me is refused with a problem', async () => {
    const { status, body } = await execute('Auth_me');
    expect(status).toBe(401);
    expect(body).toContain('token_missing');
    expect(complaints.splice(0)).toEqual([expect.stringContaining('status of 401')]);
  });

  it('logs in right there, and GET /auth/me knows who that is, without copy and paste', async () => {
    const login = await execute('Auth_login', { email: EMAIL, password: PASSWORD });
    expect(login.status).toBe(200);
    expect(login.body).toContain('refresh_token');
    const me = await execute('Auth_me');
    expect(me.status).toBe(200);
    expect(me.body).toContain(EMAIL);
    if (updatesScreenshot) await takeScreenshot();
  });

  it('stays signed in after a refresh with the example as it stands, which sends the last refresh token', async () => {
    const login = await execute('Auth_login', { email: EMAIL, password: PASSWORD });
    const first = JSON.parse(login.body) as { refresh_token: string };
    const refreshed = await execute('SessionTokens_refresh');
    expect(refreshed.status).toBe(200);
    const second = JSON.parse(refreshed.body) as { access_token: string; refresh_token: string };
    expect(second.refresh_token).not.toBe(first.refresh_token);
    const me = await execute('Auth_me');
    expect(me.status).toBe(200);
    expect(await operation('Auth_me').locator('.curl').innerText()).toContain(second.access_token);
    expect((await execute('SessionTokens_refresh')).status).toBe(200);
  });

  it('stays signed in when the page is loaded again', async () => {
    await page.goto(`${service.url}/docs`, { waitUntil: 'networkidle' });
    expect((await execute('Auth_me')).status).toBe(200);
    expect((await execute('SessionTokens_refresh')).status).toBe(200);
  });

  it('as an administrator makes a service account, which gets a token, from the examples as they stand', async () => {
    await execute('Auth_login', { email: ADMIN.email, password: ADMIN.password });
    for (const group of ['Service_accounts', 'OAuth']) await openGroup(group);
    const created = await execute('Clients_create');
    expect(created.status).toBe(201);
    const { id } = JSON.parse(created.body) as { id: string };
    await operation('Clients_addSecret').locator('.opblock-summary-control').click();
    await operation('Clients_addSecret').locator('tr[data-param-name="id"] input').fill(id);
    const added = await execute('Clients_addSecret');
    expect(added.status).toBe(201);
    const { secret } = JSON.parse(added.body) as { secret: string };
    // What the form behind the button "Authorize" does.
    await page.evaluate(
      ([name, password]) => (globalThis as unknown as SwaggerUi).ui.preauthorizeBasic('client', name, password),
      [id, secret] as const,
    );
    const answer = await execute('Token_respond');
    expect(JSON.parse(answer.body)).toMatchObject({ token_type: 'Bearer', scope: 'orders:read' });
  });

  it('is signed out by a logout, and sends its token no more', async () => {
    expect((await execute('SessionTokens_logout', {})).status).toBe(204);
    const { status, body } = await execute('Auth_me');
    expect(status).toBe(401);
    expect(body).toContain('token_missing');
    expect(complaints.splice(0)).toEqual([expect.stringContaining('status of 401')]);
  });
});

// Of Swagger UI itself; nothing of what we add may bring another.
const VENDOR_FINDINGS = new Set([
  'color-contrast',
  'heading-order',
  'label',
  'nested-interactive',
  'region',
  'select-name',
]);

describe('Swagger UI on a telephone', () => {
  it('needs no scrolling sideways, and has no barrier of our making', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${service.url}/`, { waitUntil: 'networkidle' });
    expect(new URL(page.url()).pathname).toBe('/docs');
    await toggle(operation('Auth_login'), true);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
    const { violations } = await page.evaluate<{ violations: { id: string }[] }>('axe.run(document)');
    expect(violations.map(({ id }) => id).filter((id) => !VENDOR_FINDINGS.has(id))).toEqual([]);
  });
});

interface SwaggerUi {
  ui: { preauthorizeBasic(scheme: string, name: string, password: string): void };
}

/** The top of the page after signing in, with the answer of GET /auth/me. */
async function takeScreenshot(): Promise<void> {
  await toggle(operation('Auth_login'), false);
  await page.setViewportSize({ width: 1280, height: 1240 });
  await page.evaluate('document.activeElement.blur(); window.scrollTo(0, 0)');
  await page.mouse.move(0, 0);
  // Opening and closing is animated.
  await page.waitForTimeout(1_000);
  mkdirSync(dirname(SCREENSHOT), { recursive: true });
  await page.screenshot({ path: SCREENSHOT });
}
