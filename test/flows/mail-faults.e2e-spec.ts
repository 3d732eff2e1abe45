import type { TestingModule } from '@nestjs/testing';
import type { SMTPServerOptions } from 'smtp-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Mailer } from '../../src/platform/mail/mailer.js';
import { TestApp } from '../support/create-app.js';
import { createDatabase } from '../support/database.js';
import { Listener } from '../support/listener.js';
import { messageIdOf, outboxIsEmpty, outboxRows, startMailSender, type MailSender } from '../support/mail-outbox.js';
import { patience } from '../support/patience.js';
import { SmtpSink } from '../support/smtp-sink.js';
import { GREETING, greet } from '../support/test-mail.js';
import { soon } from './service-process.js';

const MAIL_FROM = 'no-reply@example.com';
describe('a mail', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let smtp: SmtpSink;
  const apps: TestApp[] = [];
  const modules: TestingModule[] = [];
  beforeEach(async () => {
    patience.give();
    database = await createDatabase();
    smtp = await SmtpSink.start();
  });
  afterEach(async () => {
    await Promise.all([...apps.splice(0), ...modules.splice(0)].map((each) => each.close()));
    await smtp.stop();
    await database.drop();
  });

  async function start(SMTP_URL: string): Promise<TestApp> {
    const app = await TestApp.start({ DATABASE_URL: database.url, SMTP_URL, MAIL_FROM, LOG_LEVEL: 'warn' });
    apps.push(app);
    app.app.get(Mailer).add(GREETING);
    return app;
  }

  async function startSender() {
    const sender = await startMailSender(database.url, smtp.url);
    modules.push(sender.app);
    return sender;
  }

  const makeDue = ({ dataSource }: MailSender) =>
    dataSource.query(`UPDATE outbox_messages SET due_at = now() WHERE leased_until IS NULL`);
  const messageIds = () => smtp.received.map(({ parsed }) => parsed.messageId!);

  it('waits while the server is away, and costs the request nothing; none is lost', async () => {
    const { port } = smtp;
    await smtp.stop();
    const app = await start(`smtp://us%20er:secret-of-ours@127.0.0.1:${port}`);
    const sent = await Promise.all(Array.from({ length: 20 }, () => greet(app)));
    expect(await soon(async () => (await outboxRows(app)).some((row) => row['last_error'] !== null))).toBe(true);
    expect(await outboxRows(app)).toHaveLength(20);
    expect(JSON.stringify(await outboxRows(app)) + app.logLines.join()).not.toContain('secret-of-ours');
    const onAuth: SMTPServerOptions['onAuth'] = ({ username }, _session, done) => done(null, { user: username });
    smtp = await SmtpSink.start({ allowInsecureAuth: true, onAuth }, port);
    await soon(async () => {
      await makeDue(app);
      return smtp.received.length >= 20;
    });
    expect(await outboxIsEmpty(app)).toBe(true);
    expect([...new Set(messageIds())].sort()).toEqual(sent.map(messageIdOf).sort());
  });

  it('waits where the server says nothing', async () => {
    const silent = await Listener.start();
    const app = await start(`smtp://127.0.0.1:${silent.port}`);
    try {
      await greet(app);
      expect(await soon(async () => (await outboxRows(app))[0]?.['last_error'] !== null)).toBe(true);
      expect(await outboxRows(app)).toMatchObject([{ attempts: 1, leased_until: null, dead_at: null }]);
    } finally {
      await silent.stop();
    }
  });

  it('is left for the next start at once, where the service stops while a slow server has it', async () => {
    let held = 0;
    smtp.onRecipient = () => {
      held += 1;
      return new Promise(() => undefined);
    };
    const app = await start(smtp.url);
    const sent = await Promise.all(Array.from({ length: 7 }, () => greet(app)));
    expect(await soon(() => held === 5)).toBe(true);
    apps.length = 0;
    await app.close();
    smtp.onRecipient = () => undefined;
    const left = await outboxRows(await startSender());
    expect(left.map((row) => row['leased_until'])).toEqual(Array.from({ length: 7 }, () => null));
    const next = await start(smtp.url);
    await smtp.has(7);
    expect(await outboxIsEmpty(next)).toBe(true);
    expect(messageIds().sort()).toEqual(sent.map(messageIdOf).sort());
  });
});
