import { randomBytes } from 'node:crypto';
import { AuditSealer } from '../../src/audit/chain/audit-sealer.js';
import { SyslogSink, WebhookSink } from './audit-receivers.js';
import { makeCertificate } from './certificate.js';
import { TestApp } from './create-app.js';
import { createDatabase } from './database.js';

const SECRET = randomBytes(32);

/** A database whose audit log is forwarded to a webhook and to a syslog server, and the applications on it. */
export class ForwardingScene {
  readonly apps: TestApp[] = [];

  private constructor(
    readonly database: Awaited<ReturnType<typeof createDatabase>>,
    public webhook: WebhookSink,
    readonly syslog: SyslogSink,
    readonly environment: Record<string, string>,
  ) {}

  static async open(): Promise<ForwardingScene> {
    const database = await createDatabase();
    const webhook = await WebhookSink.start(SECRET);
    const certificate = await makeCertificate();
    const syslog = await SyslogSink.start(certificate);
    return new ForwardingScene(database, webhook, syslog, {
      DATABASE_URL: database.url,
      RATE_LIMITS: 'false',
      LOG_LEVEL: 'warn',
      AUDIT_FORWARD_WEBHOOK_URL: webhook.url,
      AUDIT_FORWARD_WEBHOOK_SECRET: SECRET.toString('base64'),
      AUDIT_FORWARD_SYSLOG: syslog.url,
      AUDIT_FORWARD_SYSLOG_CA: certificate.file,
    });
  }

  async close(): Promise<void> {
    for (const app of this.apps.splice(0)) await app.close();
    await this.webhook.stop();
    await this.syslog.stop();
    await this.database.drop();
  }

  async start(changed: Record<string, string> = {}): Promise<TestApp> {
    const app = await TestApp.start({ ...this.environment, ...changed });
    this.apps.push(app);
    return app;
  }

  /** Begins another webhook in place of one that was stopped. */
  async replaceWebhook(): Promise<void> {
    this.webhook = await WebhookSink.start(SECRET);
  }
}

/** Causes events, and returns the numbers of all. */
export async function causeEvents(app: TestApp, count: number): Promise<number[]> {
  for (let n = 0; n < count; n++) await app.createUser({ password: undefined });
  await app.app.get(AuditSealer).sealAll();
  const rows = await app.dataSource.query<{ seq: string }[]>('SELECT seq FROM audit_events ORDER BY seq');
  return rows.map(({ seq }) => Number(seq));
}

/** Lets what waits be sent again at once. */
export const sendAgain = (app: TestApp): Promise<unknown> =>
  app.dataSource.query('UPDATE audit_forwarding SET next_push_at = now()');
