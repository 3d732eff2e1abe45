import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LOCALES } from '../../src/common/locale.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { MailRefusals } from '../../src/platform/mail/mail-refusals.js';
import { Mailer } from '../../src/platform/mail/mailer.js';
import { TestApp } from '../support/create-app.js';
import { SmtpSink, smtpError } from '../support/smtp-sink.js';
import { GREETING, greet } from '../support/test-mail.js';
import { soon } from './service-process.js';

describe('mail by SMTP', () => {
  let smtp: SmtpSink;
  let app: TestApp;
  beforeAll(async () => {
    smtp = await SmtpSink.start();
    app = await TestApp.start({
      SMTP_URL: smtp.url,
      MAIL_FROM: 'Example Accounts <no-reply@example.com>',
      MAIL_REPLY_TO: 'help@example.com',
      SERVICE_NAME: 'Example & Söhne',
      APP_URL: 'https://app.example.com/account/',
      DEFAULT_LOCALE: 'fr',
      LOG_LEVEL: 'debug',
    });
    app.app.get(Mailer).add(GREETING);
  });
  afterAll(async () => {
    await app?.close();
    await smtp?.stop();
  });
  beforeEach(() => {
    smtp.received.length = 0;
    smtp.onRecipient = () => undefined;
    smtp.onMail = () => undefined;
  });

  const rows = () => app.dataSource.query<Record<string, unknown>[]>('SELECT * FROM outbox_messages');
  const isEmpty = () => soon(async () => (await rows()).length === 0);
  const makeDue = () => app.dataSource.query('UPDATE outbox_messages SET due_at = now()');

  it.each(LOCALES)('comes as text and as HTML, in the language of its reader: %s', async (locale) => {
    const id = await greet(app, { locale, payload: { name: 'Zoë' } });
    const [{ parsed, from, to, raw }] = (await smtp.has(1)) as [(typeof smtp.received)[0]];
    const words = GREETING.texts.in(locale);
    const subject = words.subject.replace('{{name}}', 'Zoë');
    const hello = words.hello.replace('{{name}}', 'Zoë').replace('{{service}}', 'Example & Söhne');
    const link = 'https://app.example.com/account/greet#token=a-token';
    expect([from, to, parsed.subject]).toEqual(['no-reply@example.com', ['alice@example.com'], subject]);
    expect(parsed.from?.value).toEqual([{ name: 'Example Accounts', address: 'no-reply@example.com' }]);
    expect(parsed.replyTo?.value).toMatchObject([{ address: 'help@example.com' }]);
    expect(parsed.messageId).toBe(`<${id}@localhost>`);
    expect(parsed.headers.get('auto-submitted')).toBe('auto-generated');
    expect(parsed.headers.has('x-mailer')).toBe(false);
    // The link is whole, on a line of its own, and so is the code.
    const lines = parsed.text!.split('\n');
    expect(lines).toContain(link);
    expect(lines.map((line) => line.trim())).toContain('314159');
    expect(parsed.text).toContain(hello);
    expect(lines.filter((line) => line.length > 76 && line !== link)).toEqual([]);
    expect(parsed.html).toContain(`<html lang="${locale}">`);
    expect(parsed.html).toContain(hello.replace('&', '&amp;'));
    expect(parsed.html).toContain(`<a href="${link}"`);
    // Nothing is fetched when the mail is looked at.
    expect(parsed.html).not.toMatch(/<(img|script|link|iframe|object)|url\(|@import|src=/i);
    expect(raw).not.toMatch(/^Bcc:/im);
    expect(await isEmpty()).toBe(true);
  });

  it('is in the language of the service for people who have chosen none', async () => {
    await greet(app);
    expect((await smtp.has(1))[0]!.parsed.subject).toBe('Bienvenue, Alice');
  });

  it('is not sent where its cause was undone, and not where nobody wants it any more', async () => {
    const undone = app.app.get(Transactions).run(async (manager) => {
      const expiresAt = new Date(Date.now() + 60_000);
      const mail = { to: 'alice@example.com', locale: null, payload: { name: 'Undone' }, expiresAt };
      await app.app.get(Mailer).send(GREETING, mail, manager);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await greet(app, { payload: { name: 'Gone', gone: true } });
    await greet(app, { payload: { name: 'Wanted' } });
    expect(await isEmpty()).toBe(true);
    expect(smtp.received.map(({ parsed }) => parsed.subject)).toEqual(['Bienvenue, Wanted']);
    expect(app.logLines.some((line) => line.includes('nobody wants it any more'))).toBe(true);
  });

  it('keeps no link and no code in the outbox', async () => {
    smtp.onMail = () => Promise.reject(smtpError(451, 'later'));
    await greet(app, { payload: { name: 'Alice' } });
    expect(await soon(async () => (await rows())[0]?.['last_error'] !== null)).toBe(true);
    const [row] = await rows();
    expect(JSON.stringify(row)).not.toMatch(/token|314159|https:/);
    smtp.onMail = () => undefined;
    await makeDue();
    await smtp.has(1);
  });

  it('is tried again under the same Message-ID after a passing refusal', async () => {
    let attempts = 0;
    smtp.onRecipient = () => {
      attempts += 1;
      if (attempts <= 2) throw smtpError(450, 'greylisted');
    };
    const id = await greet(app);
    for (let round = 1; round <= 2; round++) {
      expect(await soon(async () => ((await rows())[0]?.['attempts'] as number) >= round && attempts >= round)).toBe(
        true,
      );
      expect(await soon(async () => (await rows())[0]?.['leased_until'] === null)).toBe(true);
      await makeDue();
    }
    expect((await smtp.has(1)).map(({ parsed }) => parsed.messageId)).toEqual([`<${id}@localhost>`]);
  });

  it('stops for an address that the server does not know, until the address is cleared', async () => {
    const to = 'Nobody@example.com';
    smtp.onRecipient = () => Promise.reject(smtpError(550, '5.1.1 <nobody@example.com> unknown'));
    await greet(app, { to });
    const isDead = () => soon(async () => (await rows())[0]?.['dead_at'] instanceof Date);
    expect(await isDead()).toBe(true);
    expect(await rows()).toMatchObject([{ attempts: 1, last_error: 'the server refuses it for good: 550 5.1.1' }]);
    await app.dataSource.query('DELETE FROM outbox_messages');
    smtp.onRecipient = () => undefined;
    const refusals = app.app.get(MailRefusals);
    expect(await refusals.find('nobody@EXAMPLE.com')).toMatchObject({ reason: '550 5.1.1' });
    await greet(app, { to });
    expect(await isEmpty()).toBe(true);
    expect(smtp.received).toEqual([]);
    expect(JSON.stringify(await app.dataSource.query('SELECT * FROM mail_refusals'))).not.toContain('nobody');
    expect([await refusals.clear(to), await refusals.clear(to)]).toEqual([true, false]);
    await greet(app, { to });
    await smtp.has(1);
    expect(app.logLines.filter((line) => /nobody@/i.test(line))).toEqual([]);
  });

  it('goes to an address ten times an hour, and from a network fifty times, and no oftener', async () => {
    const mailer = app.app.get(Mailer);
    const asked = async (to: string, from: string | null, times: number) => {
      let admitted = 0;
      for (let n = 0; n < times; n++) if (await mailer.admits(to, from)) admitted += 1;
      return admitted;
    };
    // The spelling of an address makes no difference, and neither does the network that asks.
    expect(await asked('Capped@example.com', '198.51.100.1', 6)).toBe(6);
    expect(await asked('capped@EXAMPLE.com', '198.51.100.2', 6)).toBe(4);
    expect(await asked('capped@example.com', null, 1)).toBe(0);
    let admitted = 0;
    for (let n = 0; n < 60; n++) admitted += await asked(`person${n}@example.com`, '198.51.100.1', 1);
    // What an address refuses does not count for the network.
    expect(admitted).toBe(44);
    app.clock.advance(1);
    expect(await asked('other@example.com', '2001:db8::1', 1)).toBe(1);
  });

  it('has no mailbox of development', async () => {
    for (const path of ['/dev/mailbox', '/dev/mailbox.json']) expect((await app.http.get(path)).status).toBe(404);
  });
});
