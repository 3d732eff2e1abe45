import { Injectable } from '@nestjs/common';
import type { AuditRecord } from '../common/audit-events.js';
import { Metrics } from '../platform/telemetry/metrics.js';
import { Tally } from '../platform/telemetry/tally.js';

const NONE = '';

/**
 * Counts events of the audit log for metrics, by words that this service chooses: the event, its reason, and for a
 * sign-in the methods that proved the user.
 */
@Injectable()
export class EventCounts {
  private readonly tally = new Tally(['event', 'reason', 'method']);

  constructor(metrics: Metrics) {
    metrics.add({
      name: 'security_events_total',
      type: 'counter',
      help: 'Events of the audit log, by event and reason; sign-ins also by method.',
      labels: ['event', 'reason', 'method'],
      read: () => this.tally.samples(),
    });
  }

  count({ event, reason, details }: AuditRecord): void {
    this.tally.count(event, reason ?? NONE, event === 'session.opened' ? methodOf(details?.['methods']) : NONE);
  }
}

/** Joins the words of `amr` (RFC 8176) in one order. */
const methodOf = (amr: unknown): string => (Array.isArray(amr) ? amr.map(String).sort().join('+') : 'single_sign_on');
