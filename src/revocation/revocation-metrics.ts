import { Injectable } from '@nestjs/common';
import { Metrics } from '../platform/telemetry/metrics.js';
import { FeedStreams } from './feed/feed-streams.js';
import { RevocationService } from './revocation.service.js';

/** Adds the metrics of what this instance knows of revocations, and of who listens to it. */
@Injectable()
export class RevocationMetrics {
  constructor(metrics: Metrics, revocations: RevocationService, streams: FeedStreams) {
    metrics.gauge(
      'revocation_staleness_seconds',
      'Seconds since this instance last knew every revocation.',
      () => revocations.staleness,
    );
    metrics.gauge(
      'revocation_applied',
      'The number of the revocation log up to which this instance knows everything.',
      () => revocations.applied,
    );
    metrics.gauge('feed_streams', 'Open streams of the revocation feed.', () => streams.count);
  }
}
