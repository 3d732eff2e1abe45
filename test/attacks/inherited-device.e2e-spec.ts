import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../support/browser.js';
import { PASSWORD, TestApp } from '../support/create-app.js';

const NEW_PASSWORD = 'another good pass phrase';

describe('guessing on a device that the former owner of an address has left', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ TRUSTED_PROXIES: '127.0.0.1' })));
  afterAll(() => app.close());

  let networks = 0;
  const from = () => ({ headers: { 'x-forwarded-for': `198.51.100.${++networks}` } });
  const guess = (browser: Browser, email: string, password = 'wrong horse') =>
    browser.post('/auth/login', { email, password }, from());
  /** Uses up what everybody has at an account. */
  const exhaust = async (email: string) => {
    const stranger = new Browser(app.http);
    for (let n = 0; n < 10; n++) await guess(stranger, email);
    expect((await guess(stranger, email)).status).toBe(429);
  };
  /** A browser on which somebody has signed in whose account is deleted since, and whose address is registered anew. */
  const inherited = async () => {
    const browser = new Browser(app.http);
    const { email } = await app.createUser();
    expect((await guess(browser, email, PASSWORD)).status).toBe(200);
    await app.dataSource.query('DELETE FROM users WHERE email = $1', [email]);
    await app.createUser({ email, password: NEW_PASSWORD });
    return { browser, email };
  };

  it('gives no attempts beside those of everybody', async () => {
    const { browser, email } = await inherited();
    await exhaust(email);
    expect((await guess(browser, email)).status).toBe(429);
  });

  it('uses up those of everybody', async () => {
    const { browser, email } = await inherited();
    for (let n = 0; n < 10; n++) expect((await guess(browser, email)).status).toBe(401);
    expect((await guess(new Browser(app.http), email)).status).toBe(429);
  });

  it('does not keep the new owner from making it their own', async () => {
    const { browser, email } = await inherited();
    const former = browser.jar.get('countersign-device');
    expect((await guess(browser, email, NEW_PASSWORD)).status).toBe(200);
    expect(browser.jar.get('countersign-device')).not.toBe(former);
    await exhaust(email);
    expect((await guess(browser, email, NEW_PASSWORD)).status).toBe(200);
  });

  it('is no such device for its owner, whose address is the same in other letters', async () => {
    const browser = new Browser(app.http);
    const { email } = await app.createUser();
    expect((await guess(browser, email, PASSWORD)).status).toBe(200);
    await exhaust(email);
    expect((await guess(browser, email.toUpperCase(), PASSWORD)).status).toBe(200);
  });
});
