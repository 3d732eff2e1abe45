import type { Bench } from '../bench.js';
import { overRounds, takeTurns } from '../comparison.js';
import { closedLoop, type Operation, type Run } from '../load.js';
import type { Row } from '../results.js';
import type { Target } from '../service.js';

/** An operation on a server, worker by worker. */
export interface Load {
  readonly target: Target;
  readonly operationOf: (worker: number) => Operation;
}

export interface Throughput {
  readonly figure: string;
  readonly workers: number;
  readonly ours: Load;
  /** What it is compared with, and what that is called. */
  readonly limit: Load & { readonly what: string };
  readonly budget?: (rate: number, ratio: number) => Row['budget'];
}

const rateOf = (run: Run): number => (run.operations / run.server) * 1000;

/** How many operations a core does in a second, beside what does the least that is needed, in turns. */
export async function throughput(bench: Bench, { figure, workers, ours, limit, budget }: Throughput): Promise<Row> {
  const run = ({ target, operationOf }: Load, seconds?: number) =>
    closedLoop(bench, target, workers, operationOf, seconds);
  await run(limit, bench.plan.firstWarmUp / 2);
  await run(ours, bench.plan.firstWarmUp / 2);
  const rounds = await takeTurns<[Run, Run]>(
    bench.plan.rounds,
    () => run(limit),
    () => run(ours),
  );
  const measured = overRounds(rounds, ([, own]) => rateOf(own));
  const ratio = overRounds(rounds, ([least, own]) => rateOf(own) / rateOf(least));
  return {
    figure,
    measured,
    limit: { what: limit.what, measured: overRounds(rounds, ([least]) => rateOf(least)) },
    ratio,
    ...(budget && { budget: budget(measured, ratio)! }),
    foreign: overRounds(rounds, ([, own]) => own.foreign),
  };
}

/** A budget as a share of the limit. */
export const atLeast =
  (share: number, of: string) =>
  (_rate: number, ratio: number): Row['budget'] => ({ text: `≥ ${share} of ${of}`, met: ratio >= share });
