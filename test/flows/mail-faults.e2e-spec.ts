import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { INestApplicationContext } from '@nestjs/common';
import type { TestingModule } from '@nestjs/testing';
import type { SMTPServerOptions } from 'smtp-server';
import { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Transactions } from '../../src/platform/database/transactions.js';
import { Mailer } from '../../src/platform/mail/mailer.js';
import { TestApp } from '../support/create-app.js';
import { createDatabase } from '../support/database.js';
import { Listener } from '../support/listener.js';
import { mailModules } from '../support/mail-modules.js';
import { patience } from '../support/patience.js';
import { SmtpSink } from '../support/smtp-sink.js';
import { GREETING, greet } from '../support/test-mail.js';
import { soon } from './service-process.js';

const WORKER = fileURLToPath(new URL('../support/mail-worker.ts', import.meta.url));
const FROM_SOURCES = new URL('../support/from-sources.mjs', import.meta.url).href;
const MAIL_FROM = 'no-reply@example.com';
/** Where a process is killed while it delivers a mail: before and after each step that waits for somebody else. */
const STEPS = ['refusals', 'render', 'recipient', 'content', 'settle'];

/** What appends mails to the outbox. */
type Sender = Pick<TestApp, 'dataSource'> & { app: INestApplicationContext };

describe('a mail', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let smtp: SmtpSink;
  const apps: TestApp[] = [];
  const modules: TestingModule[] = [];
  const processes: ChildProcess[] = [];
  beforeEach(async () => {
    patience.give();
    database = await createDatabase();
    smtp = await SmtpSink.start();
  });
  afterEach(async () => {
    for (const child of processes.splice(0))
      if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
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

  /** The modules that send mail, which deliver none themselves. */
  async function startSender() {
    const module = await mailModules(database.url, smtp.url);
    module.get(Mailer).add(GREETING);
    modules.push(await module.init());
    return { app: module, dataSource: module.get(DataSource) };
  }

  const rows = ({ dataSource }: Sender) =>
    dataSource.query<Record<string, unknown>[]>('SELECT * FROM outbox_messages ORDER BY created_at');
  const isEmpty = (app: Sender) => soon(async () => (await rows(app)).length === 0);
  const makeDue = ({ dataSource }: Sender) =>
    dataSource.query(`UPDATE outbox_messages SET due_at = now() WHERE leased_until IS NULL`);
  const messageIds = () => smtp.received.map(({ parsed }) => parsed.messageId!);
  const idOf = (id: string | null): string => `<${id}@localhost>`;

  function startWorker(environment: NodeJS.ProcessEnv = {}) {
    const child = spawn(process.execPath, ['--expose-gc', '--import', FROM_SOURCES, WORKER], {
      env: { PATH: process.env['PATH'], DATABASE_URL: database.url, SMTP_URL: smtp.url, ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    processes.push(child);
    const told: Record<string, unknown>[] = [];
    createInterface(child.stdout).on('line', (line) => told.push(JSON.parse(line) as Record<string, unknown>));
    return { child, told };
  }

  it('waits while the server is away, and costs the request nothing; none is lost', async () => {
    const { port } = smtp;
    await smtp.stop();
    const app = await start(`smtp://us%20er:secret-of-ours@127.0.0.1:${port}`);
    const sent = await Promise.all(Array.from({ length: 20 }, () => greet(app)));
    expect(await soon(async () => (await rows(app)).some((row) => row['last_error'] !== null))).toBe(true);
    expect(await rows(app)).toHaveLength(20);
    expect(JSON.stringify(await rows(app)) + app.logLines.join()).not.toContain('secret-of-ours');
    const onAuth: SMTPServerOptions['onAuth'] = ({ username }, _session, done) => done(null, { user: username });
    smtp = await SmtpSink.start({ allowInsecureAuth: true, onAuth }, port);
    await soon(async () => {
      await makeDue(app);
      return smtp.received.length >= 20;
    });
    expect(await isEmpty(app)).toBe(true);
    expect([...new Set(messageIds())].sort()).toEqual(sent.map(idOf).sort());
  });

  it('waits where the server says nothing', async () => {
    const silent = await Listener.start();
    const app = await start(`smtp://127.0.0.1:${silent.port}`);
    try {
      await greet(app);
      expect(await soon(async () => (await rows(app))[0]?.['last_error'] !== null)).toBe(true);
      expect(await rows(app)).toMatchObject([{ attempts: 1, leased_until: null, dead_at: null }]);
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
    const left = await rows(await startSender());
    expect(left.map((row) => row['leased_until'])).toEqual(Array.from({ length: 7 }, () => null));
    const next = await start(smtp.url);
    await smtp.has(7);
    expect(await isEmpty(next)).toBe(true);
    expect(messageIds().sort()).toEqual(sent.map(idOf).sort());
  });

  it('survives kill -9 at every step of its delivery, 50 times over, under the same Message-ID', async () => {
    const app = await startSender();
    const sent: string[] = [];
    for (let round = 0; round < 50 / STEPS.length; round++) {
      const held = new Set<string>();
      const hold = (step: string) => (to: string) => {
        if (!to.startsWith(`${step}@`)) return Promise.resolve();
        held.add(step);
        return new Promise<void>(() => undefined);
      };
      smtp.onRecipient = hold('recipient');
      const atContent = hold('content');
      smtp.onMail = async (mail) => {
        // The server has the mail, and its answer never arrives.
        if (mail.to[0]!.startsWith('content@')) smtp.received.push(mail);
        await atContent(mail.to[0]!);
      };
      for (const step of STEPS) sent.push(idOf(await greet(app, { to: `${step}@example.com` })));
      await expect(undone(app)).rejects.toThrow('undone');
      const { child, told } = startWorker({ HOLD: '1' });
      const isHeld = (step: string) => held.has(step) || told.some((line) => line['held'] === step);
      expect(await soon(() => STEPS.every(isHeld))).toBe(true);
      child.kill('SIGKILL');
      await once(child, 'exit');
      // Nobody else takes the mails of this round before the end.
      await app.dataSource.query(`UPDATE outbox_messages SET leased_until = now() + interval '1 hour'`);
    }
    expect(await rows(app)).toHaveLength(sent.length);
    smtp.onRecipient = () => undefined;
    smtp.onMail = () => undefined;
    await app.dataSource.query('UPDATE outbox_messages SET leased_until = NULL');
    startWorker();
    expect(await isEmpty(app)).toBe(true);
    const got = messageIds();
    expect([...new Set(got)].sort()).toEqual(sent.toSorted());
    // Twice came what the server had when the process died, and nothing else.
    const recipients = smtp.received.map(({ to }) => to[0]!.split('@')[0]!);
    const times = Object.entries(Object.groupBy(recipients, (step) => step)).map(([step, all]) => [step, all!.length]);
    expect(Object.fromEntries(times)).toEqual({ refusals: 10, render: 10, recipient: 10, content: 20, settle: 20 });
  });

  const undone = ({ app }: Sender): Promise<never> =>
    app.get(Transactions).run(async (manager) => {
      const expiresAt = new Date(Date.now() + 3_600_000);
      const mail = { to: 'undone@example.com', locale: null, payload: { name: 'Undone' }, expiresAt };
      await app.get(Mailer).send(GREETING, mail, manager);
      throw new Error('undone');
    });

  it('costs no memory while it waits: thousands go at the pace of the server, by five connections', async () => {
    const count = Number(process.env['MAILS'] ?? 3_000);
    const app = await startSender();
    const stored = { kind: GREETING.name, to: 'alice@example.com', locale: 'en', payload: { name: 'x'.repeat(4_000) } };
    await app.dataSource.query(
      `INSERT INTO outbox_messages (id, kind, payload, due_at, expires_at)
       SELECT gen_random_uuid(), 'mail', $1, now(), now() + interval '1 day' FROM generate_series(1, $2)`,
      [JSON.stringify(stored), count],
    );
    const ids = new Set<string>();
    smtp.counts = (raw) => void ids.add(/^Message-ID: (.*)$/im.exec(raw)![1]!);
    const { told } = startWorker({ HEAP_EVERY: String(count / 10) });
    expect(await isEmpty(app)).toBe(true);
    expect(ids.size).toBe(count);
    expect(smtp.mostConnections).toBeLessThanOrEqual(5);
    const heap = told.map((line) => line['heap'] as number);
    expect(heap).toHaveLength(10);
    // What stays behind a mail is less than its signals would take; all payloads together are 12 MB.
    expect(heap.at(-1)! - heap[1]!).toBeLessThan(700_000);
  });
});
