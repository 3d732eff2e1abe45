import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD } from '../../system/support/service.js';
import { EMAIL, Shop } from './shop.js';

/** Visits an example app as its dev server, which `argumentsAt` a port start, serves it. */
export function visitApp(app: string, argumentsAt: (port: number) => string[]): void {
  describe(`the example for ${app}, as its dev server serves it`, () => {
    let shop: Shop;
    let chrome: Browser;
    let origin: string;

    beforeAll(async () => {
      shop = await Shop.open();
      origin = await shop.start(app, argumentsAt);
      const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
      chrome = await chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args });
    });
    afterAll(async () => {
      await chrome?.close();
      await shop?.close();
    });

    it('signs a person in by cookie, hands services a token, and signs out in every tab', () =>
      visit(chrome, shop, origin));
  });
}

/** A person uses an app in two tabs: signs in, orders, and signs out. Every app has the same controls. */
async function visit(chrome: Browser, shop: Shop, origin: string): Promise<void> {
  const context = await chrome.newContext();
  context.setDefaultTimeout(60_000);
  const before = shop.orders.length;
  try {
    const page = await context.newPage();
    await page.goto(origin);
    await page.locator('input[name=email]').fill(EMAIL);
    await page.locator('input[name=password]').fill(`not ${PASSWORD}`);
    await page.locator('#sign-in button').click();
    await page.locator('output', { hasText: 'invalid_credentials' }).waitFor();
    await page.locator('input[name=password]').fill(PASSWORD);
    await page.locator('#sign-in button').click();
    await page.locator('#me', { hasText: EMAIL }).waitFor();
    expect(await page.evaluate('document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage })')).toBe('{}');

    // Not by the dev server, from another origin of this machine.
    const direct = (method: string, path: string) =>
      page.evaluate<number>(
        `fetch('${shop.issuer}${path}', { method: '${method}', credentials: 'include' }).then(({ status }) => status)`,
      );
    expect([await direct('GET', '/auth/me'), await direct('POST', '/auth/refresh')]).toEqual([200, 200]);

    await page.locator('#order').click();
    await page.locator('output', { hasText: 'ordered' }).waitFor();
    expect(shop.orders.slice(before)).toEqual([{ method: 'POST', url: '/api/orders', withCookie: false }]);

    const other = await context.newPage();
    await other.goto(origin);
    await other.locator('#me', { hasText: EMAIL }).waitFor();
    await other.locator('#sign-out').click();
    await other.locator('#sign-in').waitFor();

    // The first tab still shows its page, and is refused by what the dev server asked.
    await page.locator('#order').click();
    await page.locator('output', { hasText: /token_(missing|revoked)/ }).waitFor();
    expect(shop.orders.slice(before)).toHaveLength(1);
  } finally {
    await context.close();
  }
}
