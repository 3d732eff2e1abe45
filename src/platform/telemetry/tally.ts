import type { Sample } from './metrics.js';

/** The most combinations of labels that are told apart: a bound for memory, and for what Prometheus has to store. */
const MAX_SERIES = 500;
const OTHER = 'other';

interface Counted {
  readonly values: readonly string[];
  count: number;
}

/** Counts events by labels. Further combinations than {@link MAX_SERIES} are counted as `other`. */
export class Tally {
  private readonly counts = new Map<string, Counted>();

  constructor(private readonly labels: readonly string[]) {}

  /** Counts one event. The values are in the order of the labels. */
  count(...values: readonly string[]): void {
    const key = values.join('\n');
    const known = this.counts.get(key);
    if (known) known.count += 1;
    else if (this.counts.size < MAX_SERIES) this.counts.set(key, { values, count: 1 });
    else this.countOther();
  }

  samples(): Sample[] {
    return [...this.counts.values()].map(({ values, count }) => ({
      labels: Object.fromEntries(this.labels.map((label, index) => [label, values[index]!])),
      value: count,
    }));
  }

  private countOther(): void {
    const values = this.labels.map(() => OTHER);
    const key = values.join('\n');
    const other = this.counts.get(key) ?? { values, count: 0 };
    other.count += 1;
    this.counts.set(key, other);
  }
}
