import type { Bench } from '../bench.js';
import { overRounds, takeTurns } from '../comparison.js';
import { bareHash } from '../limits.js';
import { closedLoop, type Run } from '../load.js';
import type { Row } from '../results.js';
import { ceilingLogins, ceilingUser } from './ceiling-user.js';
import { logins } from './operations.js';

const WORKERS = 8;
const BUDGET_MS = 1;

const cost = (run: Run): number => run.server / run.operations;

/** Measures the cost of a password login beyond its hash. */
export async function login(bench: Bench): Promise<Row[]> {
  const { service, population } = await bench.peopled();
  const limits = await bench.limits();
  const user = await ceilingUser(limits);
  const load = (seconds?: number) => closedLoop(bench, service, WORKERS, () => logins(population), seconds);
  await load(bench.plan.firstWarmUp);
  const rounds = await takeTurns<[number, Run, Run]>(
    bench.plan.loginRounds,
    () => bareHash(bench.plan.seconds),
    () => closedLoop(bench, limits, WORKERS, () => ceilingLogins(user)),
    () => load(),
  );
  const hash = overRounds(rounds, ([bare]) => bare);
  const whole = overRounds(rounds, ([, , run]) => cost(run));
  const beyond = overRounds(rounds, ([bare, , run]) => cost(run) - bare);
  const ceiling = overRounds(rounds, ([bare, least]) => cost(least) - bare);
  const mainThread = overRounds(rounds, ([, , run]) => run.mainThread / run.operations);
  const leastMainThread = overRounds(rounds, ([, least]) => least.mainThread / least.operations);
  const foreign = overRounds(rounds, ([, , run]) => run.foreign);
  return [
    {
      figure: 'login: server CPU beyond the hash, ms',
      measured: beyond,
      limit: { what: 'ms, ceiling server', measured: ceiling },
      budget: { text: `≤ ${BUDGET_MS} ms`, met: beyond <= BUDGET_MS },
      foreign,
    },
    {
      figure: 'login: of that on the main thread, ms',
      measured: mainThread,
      limit: { what: 'ms, ceiling server', measured: leastMainThread },
      ratio: mainThread / leastMainThread,
      foreign,
    },
    {
      figure: 'logins per core and second',
      measured: 1000 / whole,
      limit: { what: 'bare hashes', measured: 1000 / hash },
      ratio: hash / whole,
      foreign,
    },
  ];
}
