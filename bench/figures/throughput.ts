import type { Bench } from '../bench.js';
import { overRounds, takeTurns } from '../comparison.js';
import { closedLoop, type Operation, type Run } from '../load.js';
import type { Row } from '../results.js';
import type { Target } from '../service.js';

/** An operation on a server, for each worker. */
export interface Load {
  readonly target: Target;
  readonly operationOf: (worker: number) => Operation;
}

export interface Throughput {
  readonly figure: string;
  readonly workers: number;
  readonly ours: Load;
  /** The load that it is compared with, and its name. */
  readonly limit: Load & { readonly what: string };
  readonly budget?: (rate: number, ratio: number) => Row['budget'];
}

const rateOf = (run: Run): number => (run.operations / run.server) * 1000;

/** Measures how many operations a core does in a second, in turns with the smallest server that does the same. */
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

/** Makes a budget as a share of the limit. */
export const atLeast =
  (share: number, of: string) =>
  (_rate: number, ratio: number): Row['budget'] => ({ text: `≥ ${share} of ${of}`, met: ratio >= share });
