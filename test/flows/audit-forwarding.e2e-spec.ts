import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEventView } from '../../src/audit/audit.view.js';
import { AuditSealer } from '../../src/audit/chain/audit-sealer.js';
import { ocsfOf } from '../../src/audit/forwarding/ocsf.js';
import { AUDIT_EVENTS } from '../../src/common/audit-events.js';
import { OutboxWorkers } from '../../src/platform/outbox/outbox-workers.js';
import { SyslogSink, WebhookSink } from '../support/audit-receivers.js';
import { makeCertificate } from '../support/certificate.js';
import { TestApp } from '../support/create-app.js';
import { createDatabase } from '../support/database.js';
import { ServiceProcess, soon } from './service-process.js';

const SECRET = randomBytes(32);
const ROUNDS = 20;

const EVENT: AuditEventView = {
  id: '019ada5e-9d0c-7000-8a51-1f6bd1ee2b8c',
  seq: 1,
  at: new Date(0),
  event: '',
  outcome: 'success',
  reason: null,
  actor: null,
  subject: null,
  client: null,
  address: null,
  request_id: null,
  details: {},
};

describe('the audit log is forwarded', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let webhook: WebhookSink;
  let syslog: SyslogSink;
  let environment: Record<string, string>;
  const apps: TestApp[] = [];
  beforeEach(async () => {
    database = await createDatabase();
    webhook = await WebhookSink.start(SECRET);
    const certificate = await makeCertificate();
    syslog = await SyslogSink.start(certificate);
    environment = {
      DATABASE_URL: database.url,
      RATE_LIMITS: 'false',
      LOG_LEVEL: 'warn',
      AUDIT_FORWARD_WEBHOOK_URL: webhook.url,
      AUDIT_FORWARD_WEBHOOK_SECRET: SECRET.toString('base64'),
      AUDIT_FORWARD_SYSLOG: syslog.url,
      AUDIT_FORWARD_SYSLOG_CA: certificate.file,
    };
  });
  afterEach(async () => {
    for (const app of apps.splice(0)) await app.close();
    await webhook.stop();
    await syslog.stop();
    await database.drop();
  });

  const start = async (changed: Record<string, string> = {}): Promise<TestApp> => {
    const app = await TestApp.start({ ...environment, ...changed });
    apps.push(app);
    return app;
  };
  /** Causes events, and returns the numbers of all. */
  const cause = async (app: TestApp, count: number): Promise<number[]> => {
    for (let n = 0; n < count; n++) await app.createUser({ password: undefined });
    await app.app.get(AuditSealer).sealAll();
    const rows = await app.dataSource.query<{ seq: string }[]>('SELECT seq FROM audit_events ORDER BY seq');
    return rows.map(({ seq }) => Number(seq));
  };
  const pushedAgain = (app: TestApp) => app.dataSource.query('UPDATE audit_forwarding SET next_push_at = now()');

  it('to a webhook and by syslog: everything, once, in the order of the chain', async () => {
    const app = await start();
    const seqs = await cause(app, 25);
    for (const sink of [webhook, syslog]) {
      expect(await soon(() => sink.received.length >= seqs.length)).toBe(true);
      expect(sink.sequences).toEqual(seqs);
    }
    expect(webhook.received.find(({ metadata }) => metadata.event_code === 'user.created')).toMatchObject({
      class_uid: 3001,
      activity_id: 1,
    });
    expect(syslog.messages.at(-1)).toMatch(
      /^<110>1 \d{4}-\d\d-\d\dT[\d:.]+Z localhost countersign - user\.created \[meta sequenceId="\d+"\] \{"category_uid"/,
    );
  });

  it('by two instances, still once', async () => {
    const both = [await start(), await start()];
    for (let round = 0; round < 5; round++) await cause(both[round % 2]!, 4);
    const seqs = await cause(both[0]!, 1);
    expect(await soon(() => webhook.received.length >= seqs.length && syslog.received.length >= seqs.length)).toBe(
      true,
    );
    expect(webhook.sequences).toEqual(seqs);
    expect(syslog.sequences).toEqual(seqs);
  });

  it('and what a receiver refuses waits for it, while the other one goes on and no request notices', async () => {
    const app = await start();
    await cause(app, 1);
    webhook.status = 503;
    const seqs = await cause(app, 150);
    expect(await soon(() => syslog.received.length >= seqs.length)).toBe(true);
    expect(await soon(() => app.logLines.some((line) => line.includes('audit_forward_failed')))).toBe(true);
    const state = (await app.app.get(OutboxWorkers).states()).find(({ name }) => name === 'audit-forward');
    expect(state).toMatchObject({ failing: 1, lost: 0 });
    expect(state!.waiting).toBeGreaterThanOrEqual(150);
    expect(state!.oldestSeconds).toBeGreaterThanOrEqual(0);
    webhook.status = 200;
    await pushedAgain(app);
    expect(await soon(() => webhook.received.length >= seqs.length)).toBe(true);
    expect(webhook.sequences).toEqual(seqs);
  });

  it('also after a day without it, and over a restart', async () => {
    const app = await start();
    await cause(app, 1);
    expect(await soon(() => webhook.received.length > 0)).toBe(true);
    await webhook.stop();
    await cause(app, 10);
    await app.dataSource.query(
      `UPDATE audit_forwarding SET failures = 100, failing_since = now() - interval '1 day', next_push_at = now() WHERE id = 'webhook'`,
    );
    await apps.pop()!.close();
    const { received } = webhook;
    webhook = await WebhookSink.start(SECRET);
    const again = await start({ AUDIT_FORWARD_WEBHOOK_URL: webhook.url });
    const seqs = await cause(again, 1);
    await pushedAgain(again);
    expect(await soon(() => webhook.sequences.at(-1) === seqs.at(-1))).toBe(true);
    const all = [...received.map(({ metadata }) => metadata.sequence), ...webhook.sequences];
    expect([...new Set(all)]).toEqual(seqs);
  });

  it('a connection that is cut in the middle of a batch has delivered nothing: it is sent again', async () => {
    const app = await start();
    syslog.cutAfter = 20_000;
    const seqs = await cause(app, 60);
    expect(await soon(() => app.logLines.some((line) => line.includes('audit_forward_failed')))).toBe(true);
    syslog.cutAfter = Infinity;
    await pushedAgain(app);
    expect(await soon(() => syslog.sequences.at(-1) === seqs.at(-1))).toBe(true);
    expect([...new Set(syslog.sequences)].sort((a, b) => a - b)).toEqual(seqs);
  });

  it('to no syslog server whose certificate is of another CA', async () => {
    const app = await start({ AUDIT_FORWARD_SYSLOG_CA: (await makeCertificate()).file });
    await cause(app, 1);
    expect(await soon(() => app.logLines.some((line) => /audit_forward_failed.*SELF_SIGNED/.test(line)))).toBe(true);
    expect(syslog.received).toEqual([]);
  });

  it('events that were removed for their age before they were sent are told as a gap', async () => {
    const app = await start();
    await cause(app, 1);
    webhook.status = 500;
    const seqs = await cause(app, 5);
    await app.dataSource.query('DELETE FROM audit_events WHERE seq < $1', [seqs.at(-1)]);
    webhook.status = 200;
    await pushedAgain(app);
    expect(await soon(() => webhook.sequences.includes(seqs.at(-1)!))).toBe(true);
    expect(app.logLines.some((line) => line.includes('audit_forward_gap'))).toBe(true);
  });

  it(`and nothing is lost where the service is killed in the middle, ${ROUNDS} times`, async () => {
    const ids = new Set<string>();
    const client = new Client({ connectionString: database.url });
    await client.connect();
    for (let round = 0; round < ROUNDS; round++) {
      const { service, http } = await ServiceProcess.start(environment);
      const { length } = webhook.received;
      for (let n = 0; n < 5; n++) {
        const email = `killed${round}-${n}@example.com`;
        const { body } = await http.post<{ id: string }>('/auth/register', { email, password: 'seven green bicycles' });
        ids.add(body.id);
      }
      // A kill before, while and after they are sent.
      if (round % 3 > 0) await soon(() => webhook.received.length > length + (round % 3) - 1);
      await service.kill();
      // The lease of a killed worker would end by itself, after a minute.
      await client.query('UPDATE audit_forwarding SET leased_until = NULL');
    }
    await client.end();
    const seqs = await cause(await start(), 1);
    await pushedAgain(apps[0]!);
    for (const sink of [webhook, syslog]) {
      expect(await soon(() => sink.sequences.at(-1) === seqs.at(-1))).toBe(true);
      expect([...new Set(sink.sequences)].sort((a, b) => a - b)).toEqual(seqs);
    }
    const created = webhook.received.filter(({ metadata }) => metadata.event_code === 'user.created');
    expect(JSON.stringify(created)).toSatisfy((text: string) => [...ids].every((id) => text.includes(id)));
  });
});

describe('an event by OCSF', () => {
  it.each(Object.keys(AUDIT_EVENTS))('%s has what its class requires', (event) => {
    const written = ocsfOf({ ...EVENT, event }, '');
    const { uid } = (written['user'] ?? written['entity']) as { uid: string };
    expect(uid).toMatch(/./);
    expect('user' in written).toBe(written['class_uid'] !== 3004);
  });
});
