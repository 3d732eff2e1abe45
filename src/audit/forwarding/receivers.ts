import { Injectable } from '@nestjs/common';
import type { AuditReceiver } from './audit-receiver.js';
import { SyslogReceiver } from './syslog-receiver.js';
import { WebhookReceiver } from './webhook-receiver.js';

/** The receivers that the operator has named. */
@Injectable()
export class Receivers {
  private readonly byId: ReadonlyMap<string, AuditReceiver>;

  constructor(webhook: WebhookReceiver, syslog: SyslogReceiver) {
    const configured = [webhook, syslog].filter(({ isConfigured }) => isConfigured);
    this.byId = new Map(configured.map((receiver) => [receiver.id, receiver]));
  }

  get ids(): readonly string[] {
    return [...this.byId.keys()];
  }

  get(id: string): AuditReceiver {
    const receiver = this.byId.get(id);
    if (!receiver) throw new Error(`there is no receiver ${id}`);
    return receiver;
  }
}
