import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from './bench.js';
import { Connection } from './connection.js';
import type { Target } from './service.js';
import { watchUsage, type Usage } from './usage.js';

/** The operation that a worker repeats on its connection. */
export type Operation = (connection: Connection) => Promise<unknown>;

export interface Run extends Usage {
  readonly operations: number;
}

/**
 * Runs a closed loop: every worker always has one request in flight. The answers between the end of the warm-up and the
 * end count, and the CPU time of the processes in that time.
 */
export async function closedLoop(
  { plan, database }: Bench,
  target: Target,
  workers: number,
  operationOf: (worker: number) => Operation,
  seconds = plan.seconds,
): Promise<Run> {
  const loop = { operations: 0, stopped: false };
  const work = Array.from({ length: workers }, async (_, worker) => {
    const connection = await Connection.open(target.port);
    const operation = operationOf(worker);
    try {
      while (!loop.stopped) {
        await operation(connection);
        loop.operations++;
      }
    } finally {
      loop.stopped = true;
      connection.close();
    }
  });
  const failure = Promise.all(work);
  failure.catch(() => undefined); // handled below
  await sleep(plan.warmUp * 1000);
  loop.operations = 0;
  const usage = watchUsage(target.pid, database.pid);
  await sleep(seconds * 1000);
  const run: Run = { ...usage(), operations: loop.operations };
  loop.stopped = true;
  if (run.operations === 0 || run.server === 0)
    throw new Error('The machine is too busy: nothing was answered in time');
  await failure;
  return run;
}

export interface Latencies {
  /** Milliseconds from the time when a request was due to its answer. */
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  readonly unanswered: number;
}

const CONNECTIONS = 50;
const PATIENCE_MS = 2_000;

/**
 * Runs an open loop: a request is due every 1000/`rate` ms whatever the server does, and its time counts from then on.
 * A request without an answer two seconds after the last one counts with its age.
 */
export async function openLoop(
  target: Target,
  rate: number,
  seconds: number,
  operationOf: (request: number) => Operation,
): Promise<Latencies> {
  const free = await Promise.all(Array.from({ length: CONNECTIONS }, () => Connection.open(target.port)));
  const all = [...free];
  const late: (() => void)[] = [];
  const open = new Set<number>();
  const times: number[] = [];
  const perform = async (due: number, operation: Operation): Promise<void> => {
    while (free.length === 0) await new Promise<void>((resolve) => late.push(resolve));
    const connection = free.pop()!;
    await operation(connection);
    if (open.delete(due)) times.push(performance.now() - due);
    free.push(connection);
    late.shift()?.();
  };
  const began = performance.now();
  const work: Promise<void>[] = [];
  for (let request = 0; request < rate * seconds; request++) {
    const due = began + (request * 1000) / rate;
    if (due > performance.now()) await sleep(due - performance.now());
    open.add(due);
    work.push(perform(due, operationOf(request)));
  }
  await Promise.race([Promise.all(work), sleep(PATIENCE_MS)]);
  const unanswered = open.size;
  for (const due of open) times.push(performance.now() - due);
  open.clear();
  for (const connection of all) connection.close();
  return { ...quantiles(times), unanswered };
}

function quantiles(times: number[]): Omit<Latencies, 'unanswered'> {
  const sorted = Float64Array.from(times).sort();
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1]!;
  return { p50: at(0.5), p99: at(0.99), longest: sorted.at(-1)! };
}
