import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEventView } from '../../src/audit/audit.view.js';
import { ocsfOf } from '../../src/audit/forwarding/ocsf.js';
import { AUDIT_EVENTS } from '../../src/common/audit-events.js';
import { OutboxWorkers } from '../../src/platform/outbox/outbox-workers.js';
import { causeEvents, ForwardingScene, sendAgain } from '../support/audit-forwarding.js';
import { makeCertificate } from '../support/certificate.js';
import { soon } from './service-process.js';

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
  let scene: ForwardingScene;
  beforeEach(async () => void (scene = await ForwardingScene.open()));
  afterEach(() => scene.close());

  it('to a webhook and by syslog: everything, once, in the order of the chain', async () => {
    const app = await scene.start();
    const seqs = await causeEvents(app, 25);
    for (const sink of [scene.webhook, scene.syslog]) {
      expect(await soon(() => sink.received.length >= seqs.length)).toBe(true);
      expect(sink.sequences).toEqual(seqs);
    }
    expect(scene.webhook.received.find(({ metadata }) => metadata.event_code === 'user.created')).toMatchObject({
      class_uid: 3001,
      activity_id: 1,
    });
    expect(scene.syslog.messages.at(-1)).toMatch(
      /^<110>1 \d{4}-\d\d-\d\dT[\d:.]+Z localhost countersign - user\.created \[meta sequenceId="\d+"\] \{"category_uid"/,
    );
  });

  it('by two instances, still once', async () => {
    const both = [await scene.start(), await scene.start()];
    for (let round = 0; round < 5; round++) await causeEvents(both[round % 2]!, 4);
    const seqs = await causeEvents(both[0]!, 1);
    expect(
      await soon(() => scene.webhook.received.length >= seqs.length && scene.syslog.received.length >= seqs.length),
    ).toBe(true);
    expect(scene.webhook.sequences).toEqual(seqs);
    expect(scene.syslog.sequences).toEqual(seqs);
  });

  it('and what a receiver refuses waits for it, while the other one goes on and no request notices', async () => {
    const app = await scene.start();
    await causeEvents(app, 1);
    scene.webhook.status = 503;
    const seqs = await causeEvents(app, 150);
    expect(await soon(() => scene.syslog.received.length >= seqs.length)).toBe(true);
    expect(await soon(() => app.logLines.some((line) => line.includes('audit_forward_failed')))).toBe(true);
    const state = (await app.app.get(OutboxWorkers).states()).find(({ name }) => name === 'audit-forward');
    expect(state).toMatchObject({ failing: 1, lost: 0 });
    expect(state!.waiting).toBeGreaterThanOrEqual(150);
    expect(state!.oldestSeconds).toBeGreaterThanOrEqual(0);
    scene.webhook.status = 200;
    await sendAgain(app);
    expect(await soon(() => scene.webhook.received.length >= seqs.length)).toBe(true);
    expect(scene.webhook.sequences).toEqual(seqs);
  });

  it('also after a day without it, and over a restart', async () => {
    const app = await scene.start();
    await causeEvents(app, 1);
    expect(await soon(() => scene.webhook.received.length > 0)).toBe(true);
    await scene.webhook.stop();
    await causeEvents(app, 10);
    await app.dataSource.query(
      `UPDATE audit_forwarding SET failures = 100, failing_since = now() - interval '1 day', next_push_at = now() WHERE id = 'webhook'`,
    );
    await scene.apps.pop()!.close();
    const { received } = scene.webhook;
    await scene.replaceWebhook();
    const again = await scene.start({ AUDIT_FORWARD_WEBHOOK_URL: scene.webhook.url });
    const seqs = await causeEvents(again, 1);
    await sendAgain(again);
    expect(await soon(() => scene.webhook.sequences.at(-1) === seqs.at(-1))).toBe(true);
    const all = [...received.map(({ metadata }) => metadata.sequence), ...scene.webhook.sequences];
    expect([...new Set(all)]).toEqual(seqs);
  });

  it('a connection that is cut in the middle of a batch has delivered nothing: it is sent again', async () => {
    const app = await scene.start();
    scene.syslog.cutAfter = 20_000;
    const seqs = await causeEvents(app, 60);
    expect(await soon(() => app.logLines.some((line) => line.includes('audit_forward_failed')))).toBe(true);
    scene.syslog.cutAfter = Infinity;
    await sendAgain(app);
    expect(await soon(() => scene.syslog.sequences.at(-1) === seqs.at(-1))).toBe(true);
    expect([...new Set(scene.syslog.sequences)].sort((a, b) => a - b)).toEqual(seqs);
  });

  it('to no syslog server whose certificate is of another CA', async () => {
    const app = await scene.start({ AUDIT_FORWARD_SYSLOG_CA: (await makeCertificate()).file });
    await causeEvents(app, 1);
    expect(await soon(() => app.logLines.some((line) => /audit_forward_failed.*SELF_SIGNED/.test(line)))).toBe(true);
    expect(scene.syslog.received).toEqual([]);
  });

  it('events that were removed for their age before they were sent are told as a gap', async () => {
    const app = await scene.start();
    await causeEvents(app, 1);
    scene.webhook.status = 500;
    const seqs = await causeEvents(app, 5);
    await app.dataSource.query('DELETE FROM audit_events WHERE seq < $1', [seqs.at(-1)]);
    scene.webhook.status = 200;
    await sendAgain(app);
    expect(await soon(() => scene.webhook.sequences.includes(seqs.at(-1)!))).toBe(true);
    expect(app.logLines.some((line) => line.includes('audit_forward_gap'))).toBe(true);
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
