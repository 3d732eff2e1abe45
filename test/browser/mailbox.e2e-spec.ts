import { createRequire } from 'node:module';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { soon } from '../flows/service-process.js';
import { PASSWORD, Scene, type Service } from '../system/support/service.js';

// Chromium does not sandbox as root, and calls home unless told otherwise.
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'];
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const scene = new Scene();
let service: Service;
let browser: Browser;

beforeAll(async () => {
  service = await scene.start({ NODE_ENV: 'development', PUBLIC_URL: undefined });
  const email = 'alice@example.com';
  await service.http.post('/auth/register', { email, password: PASSWORD });
  await service.http.post('/auth/password/recovery', { email });
  const mails = async () => (await service.http.get<unknown[]>('/dev/mailbox.json')).body;
  expect(await soon(async () => (await mails()).length > 0)).toBe(true);
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args: FLAGS });
});
afterAll(async () => {
  await browser?.close();
  await scene.clear();
});

describe('the mailbox of development, in a browser', () => {
  it.each(['light', 'dark'] as const)('shows a mail on a telephone, whose link opens: %s', async (colorScheme) => {
    const viewport = { width: 390, height: 844 };
    const context = await browser.newContext({ viewport, colorScheme, bypassCSP: false });
    try {
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      await page.goto(`${service.url}/dev/mailbox`);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(viewport.width);
      const link = await page.locator('details li a').first().getAttribute('href');
      const frame = page.frameLocator('iframe').first();
      expect(await frame.locator('h1').textContent()).toBe(await page.locator('summary strong').first().textContent());
      const opened = context.waitForEvent('page');
      await frame.locator('a').first().click();
      const popup = await opened;
      await popup.waitForURL(/#token=/);
      expect(popup.url()).toBe(link);
      expect(complaints).toEqual([]);
    } finally {
      await context.close();
    }
  });

  it.each(['light', 'dark'] as const)('can be read by everybody: %s', async (colorScheme) => {
    const context = await browser.newContext({ colorScheme, bypassCSP: true });
    try {
      const page = await context.newPage();
      await page.goto(`${service.url}/dev/mailbox`);
      await page.addScriptTag({ path: AXE });
      const faults = await page.evaluate(async () => {
        const { axe } = globalThis as unknown as {
          axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
        };
        const { violations } = await axe.run();
        return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
      });
      expect(faults).toEqual([]);
    } finally {
      await context.close();
    }
  });
});
