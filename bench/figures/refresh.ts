import type { Bench } from '../bench.js';
import { overRounds, takeTurns } from '../comparison.js';
import { closedLoop, type Operation, type Run } from '../load.js';
import { post, succeed } from '../requests.js';
import type { Row } from '../results.js';
import { refreshes } from './operations.js';

const WORKERS = 16;
const BUDGET = 0.5;

/** Refresh rotation against the ceiling server's: one conditional update and one signature in both. */
export async function refresh(bench: Bench): Promise<Row[]> {
  const { service, population } = await bench.peopled();
  const limits = await bench.limits();
  const bareTokens = Array.from({ length: bench.plan.users }, (_, index) => `token${index + 1}`);
  const least = (seconds?: number) =>
    closedLoop(bench, limits, WORKERS, (worker) => bareRefreshes(bareTokens, worker), seconds);
  const ours = (seconds?: number) =>
    closedLoop(bench, service, WORKERS, (worker) => refreshes(population, worker, WORKERS), seconds);
  await least(bench.plan.firstWarmUp / 2);
  await ours(bench.plan.firstWarmUp / 2);
  const rounds = await takeTurns<[Run, Run]>(
    bench.plan.rounds,
    () => least(),
    () => ours(),
  );
  const bare = overRounds(rounds, ([run]) => run.operations / run.server) * 1000;
  const whole = overRounds(rounds, ([, run]) => run.operations / run.server) * 1000;
  const ratio = overRounds(
    rounds,
    ([bareRun, run]) => run.operations / run.server / (bareRun.operations / bareRun.server),
  );
  return [
    {
      figure: 'refreshes per core and second',
      measured: whole,
      limit: { what: 'ceiling server', measured: bare },
      ratio,
      budget: { text: `≥ ${BUDGET} of the ceiling`, met: ratio >= BUDGET },
      foreign: overRounds(rounds, ([, run]) => run.foreign),
    },
  ];
}

/** The same walk through the sessions of the ceiling server: every worker has some of its own. */
function bareRefreshes(tokens: string[], worker: number): Operation {
  return async (connection) => {
    const index = worker + WORKERS * Math.floor(Math.random() * Math.floor(tokens.length / WORKERS));
    const { body } = await succeed(connection, post('/refresh', { refresh_token: tokens[index] }));
    tokens[index] = (JSON.parse(body) as { refresh_token: string }).refresh_token;
  };
}
