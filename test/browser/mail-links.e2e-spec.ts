import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { soon } from '../flows/service-process.js';
import { PASSWORD, REPOSITORY, Scene, type Service } from '../system/support/service.js';

const SCREENSHOT = join(REPOSITORY, 'docs/images/recover.png');
const OWN = 'staple battery horse correct';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// Runs in the page.
const REPORT_VIOLATIONS = `document.addEventListener('securitypolicyviolation', (event) =>
  console.error('CSP: ' + event.violatedDirective + ' ' + event.blockedURI))`;

const scene = new Scene();
let service: Service;
let browser: Browser;
let page: Page;
const complaints: string[] = [];
const foreignRequests: string[] = [];
let people = 0;

beforeAll(async () => {
  service = await scene.start({ NODE_ENV: 'development' });
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args: FLAGS });
});
afterAll(async () => {
  await browser?.close();
  await scene.clear();
});
beforeEach(async () => {
  page = await browser.newPage({ viewport: { width: 390, height: 800 }, locale: 'en' });
  page.on('console', (message) => {
    // The browser itself tells of every answer that is an error.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(service.url)) foreignRequests.push(request.url());
  });
  await page.addInitScript(REPORT_VIOLATIONS);
});
afterEach(async () => {
  await page.close();
  expect(complaints.splice(0)).toEqual([]);
  expect(foreignRequests.splice(0)).toEqual([]);
});

interface Mail {
  to: string;
  subject: string;
  links: string[];
}

/** Somebody who has asked for a new password, and the link in the mail. */
async function forgetful(): Promise<{ email: string; link: string }> {
  const email = `alice${++people}@example.com`;
  await service.http.post('/auth/register', { email, password: PASSWORD });
  await service.http.post('/auth/password/recovery', { email });
  let link: string | undefined;
  const arrived = async () => {
    const { body } = await service.http.get<Mail[]>('/dev/mailbox.json');
    link = body.flatMap(({ to, links }) => (to === email ? links : [])).find((url) => url.includes('/recover'));
    return link !== undefined;
  };
  expect(await soon(arrived)).toBe(true);
  // A test starts the service on a free port, which its public address does not name.
  return { email, link: service.url + new URL(link!).pathname + new URL(link!).hash };
}

const outcome = () => page.locator('[data-outcome]:visible');
const submit = async (password: string) => {
  await page.getByLabel('New password').fill(password);
  await page.getByRole('button').click();
  await outcome().waitFor();
};
const login = async (email: string, password: string) =>
  (await service.http.post('/auth/login', { email, password })).status;

describe('the page that the link of a recovery mail leads to', () => {
  it('sets a new password, once, and forgets the token then', async () => {
    const { email, link } = await forgetful();
    await page.goto(link);
    expect(await page.title()).toBe('Choose a new password · Countersign');
    await submit(OWN);
    expect(await outcome().textContent()).toContain('Your password is set.');
    expect(page.url()).toBe(`${service.url}/recover`);
    expect(await login(email, PASSWORD)).toBe(401);
    expect(await login(email, OWN)).toBe(200);
    await page.goto(`${service.url}/docs`);
    await page.goto(link);
    await submit(OWN);
    expect(await outcome().textContent()).toContain('does not work any more');
    expect(await page.getByRole('button').count()).toBe(0);
  });

  it('refuses a common password, and takes a better one with the same link', async () => {
    const { email, link } = await forgetful();
    await page.goto(link);
    await submit('password1');
    expect(await outcome().textContent()).toContain('not accepted');
    await submit(OWN);
    expect(await outcome().textContent()).toContain('Your password is set.');
    expect(await login(email, OWN)).toBe(200);
  });

  it('says so at once where the token is missing', async () => {
    await page.goto(`${service.url}/recover`);
    expect(await outcome().textContent()).toContain('not complete');
  });

  it('uses nothing up by being looked at', async () => {
    const { email, link } = await forgetful();
    for (let look = 0; look < 3; look++) {
      await page.goto(link);
      await page.reload();
    }
    await submit(OWN);
    expect(await login(email, OWN)).toBe(200);
  });

  it.each([
    ['de', 'Neues Passwort wählen'],
    ['fr', 'Choisir un nouveau mot de passe'],
    ['es', 'Elegir una nueva contraseña'],
  ])('speaks %s', async (locale, title) => {
    const context = await browser.newContext({ locale });
    const other = await context.newPage();
    await other.goto(`${service.url}/recover#token=x`);
    expect(await other.getByRole('heading').textContent()).toBe(title);
    expect(await other.locator('html').getAttribute('lang')).toBe(locale);
    await context.close();
  });

  it.each(['light', 'dark'] as const)(
    'can be read by everybody, %s, on a small and on a large window',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      for (const width of [320, 390, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        for (const path of [
          '/recover#token=x',
          '/recover',
          '/verify#token=x',
          '/confirm-email#token=x',
          '/undo-email#token=x',
          '/accept-invitation#token=x',
        ]) {
          await page.goto('about:blank');
          await page.goto(service.url + path);
          await page.evaluate(AXE);
          const { violations } = await page.evaluate<{ violations: { id: string }[] }>('axe.run()');
          expect(violations.map(({ id }) => id)).toEqual([]);
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
        }
      }
      if (process.env.UPDATE_SCREENSHOT === '1' && colorScheme === 'light') {
        await page.setViewportSize({ width: 640, height: 520 });
        await page.goto('about:blank');
        await page.goto(`${service.url}/recover#token=x`);
        await page.screenshot({ path: SCREENSHOT });
      }
    },
  );
});
