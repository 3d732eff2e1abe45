import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeliveredMail } from '../../src/platform/mail/development-mailbox.js';
import { Mailer } from '../../src/platform/mail/mailer.js';
import { TestApp } from '../support/create-app.js';
import { GREETING, greet } from '../support/test-mail.js';
import { soon } from './service-process.js';

describe('the mailbox of development', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
    app.app.get(Mailer).add(GREETING);
  });
  afterAll(() => app?.close());

  const list = async () => (await app.http.get<DeliveredMail[]>('/dev/mailbox.json')).body;
  const has = (count: number) => soon(async () => (await list()).length === count);

  it('is empty at first', async () => {
    expect(await list()).toEqual([]);
    expect((await app.http.get('/dev/mailbox')).text).toContain('No mail yet.');
  });

  it('shows each mail as text, as HTML and by its links, the newest first', async () => {
    await greet(app, { payload: { name: 'First' } });
    expect(await has(1)).toBe(true);
    await greet(app, { payload: { name: 'Second', token: 'it"s' } });
    expect(await has(2)).toBe(true);
    const [second, first] = await list();
    expect([second!.subject, first!.subject]).toEqual(['Welcome, Second', 'Welcome, First']);
    expect(second).toMatchObject({
      to: 'alice@example.com',
      text: expect.stringContaining('Hello Second, this is Countersign.'),
      html: expect.stringContaining('<html lang="en">'),
      links: ['http://localhost:3000/greet#token=it%22s'],
    });
    expect(Date.now() - Date.parse(String(second!.at))).toBeLessThan(3_600_000);
    const { text, headers } = await app.http.get('/dev/mailbox');
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'; style-src 'unsafe-inline'");
    expect(text.indexOf('Welcome, Second')).toBeLessThan(text.indexOf('Welcome, First'));
    expect(text).toContain('<a href="http://localhost:3000/greet#token=it%22s">');
    expect(text).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="&lt;!doctype html&gt;');
    expect(text).not.toContain('<script');
  });

  it('holds no more than 200', async () => {
    for (let n = 0; n < 205; n++) await greet(app, { payload: { name: `Guest ${n}` } });
    const isEmpty = async () => (await app.dataSource.query<unknown[]>('SELECT 1 FROM outbox_messages')).length === 0;
    expect(await soon(isEmpty)).toBe(true);
    expect(await list()).toHaveLength(200);
  });
});

describe('without an SMTP server, in production', () => {
  it('no mail is sent, and there is no mailbox', async () => {
    const PUBLIC_URL = 'https://auth.example.com';
    const app = await TestApp.start({ NODE_ENV: 'production', PUBLIC_URL, LOG_LEVEL: 'warn' });
    try {
      const mailer = app.app.get(Mailer);
      mailer.add(GREETING);
      expect(mailer.isSet).toBe(false);
      expect(await greet(app)).toBeNull();
      expect(await app.dataSource.query('SELECT 1 FROM outbox_messages')).toEqual([]);
      expect(app.logLines.join()).toContain('SMTP_URL is not set');
      for (const path of ['/dev/mailbox', '/dev/mailbox.json']) expect((await app.http.get(path)).status).toBe(404);
    } finally {
      await app.close();
    }
  });
});
