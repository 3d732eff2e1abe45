import type { Metrics } from '../telemetry/metrics.js';
import type { JobState } from './jobs.js';

/** Adds the metrics of the jobs of this process. */
export function addJobMetrics(metrics: Metrics, states: () => readonly JobState[]): void {
  const add = (
    name: string,
    type: 'gauge' | 'counter',
    help: string,
    valueOf: (state: JobState) => number | null,
  ): void =>
    metrics.add({
      name,
      type,
      help,
      labels: ['name'],
      read: () =>
        states().flatMap((state) => {
          const value = valueOf(state);
          return value === null ? [] : [{ labels: { name: state.name }, value }];
        }),
    });
  add('job_runs_total', 'counter', 'Runs of a job in this process that succeeded.', ({ runs }) => runs);
  add('job_failures', 'gauge', 'Failures of a job in a row; 0 after a run that succeeded.', ({ failures }) => failures);
  add(
    'job_last_end_timestamp_seconds',
    'gauge',
    'When the latest run of a job in this process ended.',
    ({ lastEnd }) => (lastEnd === null ? null : lastEnd.getTime() / 1000),
  );
}
