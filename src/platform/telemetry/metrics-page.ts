import { Logger } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Metric, Sample } from './metrics.js';
import type { AnsweredRequest } from './request-metrics.js';

const PREFIX = 'countersign_';
/** In seconds. A verdict takes less than one millisecond, a login some tens, and no request more than three seconds. */
const BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 3];
/** How long a scrape waits for one metric, in milliseconds: a database that hangs must not hide the others. */
const PATIENCE_MS = 2_000;

/** Writes all metrics in Prometheus' text format. This file alone loads `prom-client`. */
export class MetricsPage {
  private readonly logger = new Logger('Metrics');
  private readonly registry = new Registry();
  private readonly durations: Histogram<keyof AnsweredRequest>;
  private readonly unread: Gauge;
  private readonly updates: readonly (() => Promise<void>)[];
  private writing: Promise<string> | null = null;

  constructor(metrics: readonly Metric[]) {
    // Under their usual names (`process_`, `nodejs_`), which other dashboards know.
    collectDefaultMetrics({ register: this.registry });
    this.durations = new Histogram({
      name: `${PREFIX}http_request_duration_seconds`,
      help: 'Time to answer requests, by the pattern of the route.',
      labelNames: ['method', 'route', 'status'],
      buckets: BUCKETS,
      registers: [this.registry],
    });
    this.unread = new Gauge({
      name: `${PREFIX}metrics_unread`,
      help: 'Metrics that this scrape could not read, e.g. because the database is away.',
      registers: [this.registry],
    });
    this.updates = metrics.map((metric) => this.updateOf(metric));
  }

  readonly observe = (request: AnsweredRequest, seconds: number): void => {
    this.durations.observe({ ...request }, seconds);
  };

  get contentType(): string {
    return this.registry.contentType;
  }

  /** Reads all metrics, once for all who ask at the same time. */
  text(): Promise<string> {
    return (this.writing ??= this.write().finally(() => (this.writing = null)));
  }

  private async write(): Promise<string> {
    this.unread.set(0);
    await Promise.all(this.updates.map((update) => update()));
    return this.registry.metrics();
  }

  /** Returns a function that reads a metric and takes its samples over. */
  private updateOf(metric: Metric): () => Promise<void> {
    const { name, help, type, labels = [] } = metric;
    const options = { name: PREFIX + name, help, labelNames: [...labels], registers: [this.registry] };
    const shown = type === 'gauge' ? new Gauge(options) : new Counter(options);
    return async () => {
      const samples = await this.read(metric);
      shown.reset();
      for (const { labels: of = {}, value } of samples) shown.inc(of, value);
    };
  }

  private async read(metric: Metric): Promise<readonly Sample[]> {
    const timer = new AbortController();
    try {
      return await Promise.race([metric.read(), expiry(timer.signal)]);
    } catch (error) {
      this.unread.inc();
      this.logger.debug(`${metric.name}: ${String(error)}`);
      return [];
    } finally {
      timer.abort();
    }
  }
}

function expiry(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const timer = setTimeout(() => reject(new Error(`not read within ${PATIENCE_MS} ms`)), PATIENCE_MS);
    signal.addEventListener('abort', () => clearTimeout(timer));
  });
}
