import type { Bench } from '../bench.js';
import { overRounds, takeTurns } from '../comparison.js';
import { bareHash } from '../limits.js';
import { closedLoop, type Run } from '../load.js';
import { PASSWORD } from '../population.js';
import type { Row } from '../results.js';
import { registrations } from './operations.js';

const WORKERS = 8;

/** Measures registration: a hash, a policy and two rows. */
export async function registration(bench: Bench): Promise<Row[]> {
  const { service } = await bench.peopled();
  const load = (seconds?: number) =>
    closedLoop(bench, service, WORKERS, () => registrations('/auth/register', PASSWORD), seconds);
  await load(bench.plan.firstWarmUp);
  const rounds = await takeTurns<[number, Run]>(
    bench.plan.rounds,
    () => bareHash(bench.plan.seconds),
    () => load(),
  );
  const hash = overRounds(rounds, ([bare]) => bare);
  const whole = overRounds(rounds, ([, run]) => run.server / run.operations);
  const beyond = overRounds(rounds, ([bare, run]) => run.server / run.operations - bare);
  const foreign = overRounds(rounds, ([, run]) => run.foreign);
  return [
    {
      figure: 'registration: server CPU beyond the hash, ms',
      measured: beyond,
      limit: { what: 'ms, the hash', measured: hash },
      ratio: whole / hash,
      foreign,
    },
    {
      figure: 'registrations per core and second',
      measured: 1000 / whole,
      limit: { what: 'hashes', measured: 1000 / hash },
      ratio: hash / whole,
      foreign,
    },
  ];
}
