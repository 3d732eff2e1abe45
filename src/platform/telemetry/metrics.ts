import { Injectable } from '@nestjs/common';

/** One value of a metric, with its labels. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A figure that is read when somebody asks for the metrics, and costs nothing before. */
export interface Metric {
  /** Without the prefix `countersign_`, with its unit, as Prometheus recommends. */
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly labels?: readonly string[];
  read(): readonly Sample[] | Promise<readonly Sample[]>;
}

/** The list of all metrics. A feature adds its own beside what they measure. */
@Injectable()
export class Metrics {
  private readonly metrics: Metric[] = [];

  /** Adds a metric. Must be called before the application has started. */
  add(metric: Metric): void {
    this.metrics.push(metric);
  }

  /** Adds a metric without labels. */
  gauge(name: string, help: string, read: () => number): void {
    this.add({ name, type: 'gauge', help, read: () => [{ value: read() }] });
  }

  get all(): readonly Metric[] {
    return this.metrics;
  }
}
