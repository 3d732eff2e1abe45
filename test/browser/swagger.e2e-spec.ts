import { mkdirSync } from 'node:fs';
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

/** Opens or closes an operation. */
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
  it('sees every group with its routes, each with a summary', async () => {
    expect(await page.title()).toContain('Countersign');
    const groups = await page.locator('.opblock-tag').evaluateAll((tags) => tags.map((tag) => tag.id));
    expect(groups.length).toBeGreaterThan(4);
    const summaries = await page.locator('.opblock-summary-description').allInnerTexts();
    expect(summaries.length).toBeGreaterThan(15);
    expect(summaries.filter((summary) => summary.trim() === '')).toEqual([]);
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

  it('stays signed in after a refresh, with the token of its answer', async () => {
    const login = await execute('Auth_login', { email: EMAIL, password: PASSWORD });
    const { refresh_token } = JSON.parse(login.body) as { refresh_token: string };
    const refreshed = await execute('SessionTokens_refresh', { refresh_token });
    expect(refreshed.status).toBe(200);
    const { access_token: token } = JSON.parse(refreshed.body) as { access_token: string };
    const me = await execute('Auth_me');
    expect(me.status).toBe(200);
    expect(await operation('Auth_me').locator('.curl').innerText()).toContain(token);
  });

  it('as an administrator makes a service account, which gets a token, from the examples as they stand', async () => {
    await execute('Auth_login', { email: ADMIN.email, password: ADMIN.password });
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
