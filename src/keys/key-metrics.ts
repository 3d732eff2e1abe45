import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Metrics } from '../platform/telemetry/metrics.js';
import { KeyRing } from './key-ring.js';

/** Adds the metrics of the keys that sign access tokens. Key ids are no labels: they would be new series for ever. */
@Injectable()
export class KeyMetrics {
  constructor(metrics: Metrics, ring: KeyRing, clock: Clock) {
    metrics.add({
      name: 'signing_keys',
      type: 'gauge',
      help: 'Keys for access tokens, by their stage.',
      labels: ['stage'],
      read: () =>
        (['published', 'active', 'retired'] as const).map((stage) => ({
          labels: { stage },
          value: ring.stored.filter(({ status }) => status === stage).length,
        })),
    });
    metrics.add({
      name: 'signing_key_age_seconds',
      type: 'gauge',
      help: 'How long the active key has signed.',
      read: () =>
        ring.stored
          .filter(({ status }) => status === 'active')
          .map(({ activatesAt }) => ({ value: Math.max(0, (clock.now() - activatesAt.getTime()) / 1000) })),
    });
  }
}
