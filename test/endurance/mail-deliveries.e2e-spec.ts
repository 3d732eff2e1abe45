import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Transactions } from '../../src/platform/database/transactions.js';
import { Mailer } from '../../src/platform/mail/mailer.js';
import { soon } from '../flows/service-process.js';
import { createDatabase } from '../support/database.js';
import { messageIdOf, outboxIsEmpty, outboxRows, startMailSender, type MailSender } from '../support/mail-outbox.js';
import { patience } from '../support/patience.js';
import { SmtpSink } from '../support/smtp-sink.js';
import { GREETING, greet } from '../support/test-mail.js';

const WORKER = fileURLToPath(new URL('../support/mail-worker.ts', import.meta.url));
const FROM_SOURCES = new URL('../support/from-sources.mjs', import.meta.url).href;
/** Where a process is killed while it delivers a mail: before and after each step that waits for somebody else. */
const STEPS = ['refusals', 'render', 'recipient', 'content', 'settle'];

describe('a mail', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let smtp: SmtpSink;
  let sender: Awaited<ReturnType<typeof startMailSender>>;
  const processes: ChildProcess[] = [];
  beforeEach(async () => {
    patience.give();
    database = await createDatabase();
    smtp = await SmtpSink.start();
    sender = await startMailSender(database.url, smtp.url);
  });
  afterEach(async () => {
    for (const child of processes.splice(0))
      if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
    await sender.app.close();
    await smtp.stop();
    await database.drop();
  });

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

  it('survives kill -9 at every step of its delivery, 50 times over, under the same Message-ID', async () => {
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
      for (const step of STEPS) sent.push(messageIdOf(await greet(sender, { to: `${step}@example.com` })));
      await expect(undone(sender)).rejects.toThrow('undone');
      const { child, told } = startWorker({ HOLD: '1' });
      const isHeld = (step: string) => held.has(step) || told.some((line) => line['held'] === step);
      expect(await soon(() => STEPS.every(isHeld))).toBe(true);
      child.kill('SIGKILL');
      await once(child, 'exit');
      // Nobody else takes the mails of this round before the end.
      await sender.dataSource.query(`UPDATE outbox_messages SET leased_until = now() + interval '1 hour'`);
    }
    expect(await outboxRows(sender)).toHaveLength(sent.length);
    smtp.onRecipient = () => undefined;
    smtp.onMail = () => undefined;
    await sender.dataSource.query('UPDATE outbox_messages SET leased_until = NULL');
    startWorker();
    expect(await outboxIsEmpty(sender)).toBe(true);
    const got = smtp.received.map(({ parsed }) => parsed.messageId!);
    expect([...new Set(got)].sort()).toEqual(sent.toSorted());
    // Twice came what the server had when the process died, and nothing else.
    const recipients = smtp.received.map(({ to }) => to[0]!.split('@')[0]!);
    const times = Object.entries(Object.groupBy(recipients, (step) => step)).map(([step, all]) => [step, all!.length]);
    expect(Object.fromEntries(times)).toEqual({ refusals: 10, render: 10, recipient: 10, content: 20, settle: 20 });
  });

  const undone = ({ app }: MailSender): Promise<never> =>
    app.get(Transactions).run(async (manager) => {
      const expiresAt = new Date(Date.now() + 3_600_000);
      const mail = { to: 'undone@example.com', locale: null, payload: { name: 'Undone' }, expiresAt };
      await app.get(Mailer).send(GREETING, mail, manager);
      throw new Error('undone');
    });

  it('costs no memory while it waits: thousands go at the pace of the server, by five connections', async () => {
    const count = Number(process.env['MAILS'] ?? 3_000);
    const stored = { kind: GREETING.name, to: 'alice@example.com', locale: 'en', payload: { name: 'x'.repeat(4_000) } };
    await sender.dataSource.query(
      `INSERT INTO outbox_messages (id, kind, payload, due_at, expires_at)
       SELECT gen_random_uuid(), 'mail', $1, now(), now() + interval '1 day' FROM generate_series(1, $2)`,
      [JSON.stringify(stored), count],
    );
    const ids = new Set<string>();
    smtp.counts = (raw) => void ids.add(/^Message-ID: (.*)$/im.exec(raw)![1]!);
    const { told } = startWorker({ HEAP_EVERY: String(count / 10) });
    expect(await outboxIsEmpty(sender)).toBe(true);
    expect(ids.size).toBe(count);
    expect(smtp.mostConnections).toBeLessThanOrEqual(5);
    const heap = told.map((line) => line['heap'] as number);
    expect(heap).toHaveLength(10);
    // What stays behind a mail is less than its signals would take; all payloads together are 12 MB.
    expect(heap.at(-1)! - heap[1]!).toBeLessThan(700_000);
  });
});
