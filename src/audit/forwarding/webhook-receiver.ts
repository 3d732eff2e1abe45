import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { Config } from '../../platform/config/config.js';
import { SsrfSafeHttpClient } from '../../platform/http-client/ssrf-safe-http-client.js';
import type { AuditReceiver, ForwardedEvent } from './audit-receiver.js';

/** Posts events as lines of JSON, signed by the scheme of Standard Webhooks. */
@Injectable()
export class WebhookReceiver implements AuditReceiver {
  readonly id = 'webhook';

  constructor(
    private readonly config: Config,
    private readonly http: SsrfSafeHttpClient,
    private readonly clock: Clock,
  ) {}

  get isConfigured(): boolean {
    return this.config.auditForwardWebhookUrl !== null;
  }

  async send(events: readonly ForwardedEvent[], closing: AbortSignal): Promise<void> {
    const { auditForwardWebhookUrl: url, auditForwardWebhookSecret: secret } = this.config;
    const body = events.map(({ json }) => `${json}\n`).join('');
    const id = `audit-${events[0]!.seq}-${events.at(-1)!.seq}`;
    const timestamp = String(this.clock.seconds());
    const mac = createHmac('sha256', secret!).update(`${id}.${timestamp}.${body}`).digest('base64');
    const headers = {
      'Content-Type': 'application/x-ndjson',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${mac}`,
    };
    // The operator has chosen the URL, and most such systems have a private address.
    const { status } = await this.http.post(url!, headers, body, closing, 'private');
    // Also where it refuses the events: nothing is skipped that somebody could still mend.
    if (status < 200 || status > 299) throw new Error(`the answer was ${status}`);
  }
}
