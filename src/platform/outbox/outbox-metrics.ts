import type { Metrics } from '../telemetry/metrics.js';
import type { OutboxState } from './outbox-workers.js';

/** Adds the metrics of the outboxes, which all instances share. The figures of one scrape are read once. */
export function addOutboxMetrics(metrics: Metrics, read: () => Promise<readonly OutboxState[]>): void {
  let reading: Promise<readonly OutboxState[]> | null = null;
  const states = (): Promise<readonly OutboxState[]> => (reading ??= read().finally(() => (reading = null)));
  const add = (name: string, help: string, valueOf: (state: OutboxState) => number): void =>
    metrics.add({
      name,
      type: 'gauge',
      help,
      labels: ['outbox'],
      read: async () => (await states()).map((state) => ({ labels: { outbox: state.name }, value: valueOf(state) })),
    });
  add('outbox_waiting', 'Rows of an outbox that wait for delivery.', ({ waiting }) => waiting);
  add(
    'outbox_oldest_seconds',
    'Age of the oldest row that waits; 0 where none does.',
    (state) => state.oldestSeconds ?? 0,
  );
  add('outbox_failing', 'Rows or receivers whose latest attempt has failed.', ({ failing }) => failing);
  add('outbox_lost', 'Rows that were given up.', ({ lost }) => lost);
}
