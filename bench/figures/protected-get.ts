import type { Bench } from '../bench.js';
import { overRounds, takeTurns } from '../comparison.js';
import { closedLoop, type Run } from '../load.js';
import type { Row } from '../results.js';
import { accessTokenOf, reads } from './operations.js';

const WORKERS = 50;
const BUDGET = 0.45;

/** `GET /auth/me` with a token that the service has seen before, against a Fastify route that says hello. */
export async function protectedGet(bench: Bench): Promise<Row[]> {
  const { service, population } = await bench.peopled();
  const limits = await bench.limits();
  const credentials = Array.from({ length: WORKERS }, () => population.credentials());
  const tokens = await Promise.all(credentials.map((user) => accessTokenOf(service, '/auth/login', user)));
  const readHello = (seconds?: number) =>
    closedLoop(bench, limits, WORKERS, (worker) => reads('/hello', tokens[worker]!), seconds);
  const readMe = (seconds?: number) =>
    closedLoop(bench, service, WORKERS, (worker) => reads('/auth/me', tokens[worker]!), seconds);
  await readHello(bench.plan.firstWarmUp / 2);
  await readMe(bench.plan.firstWarmUp / 2);
  const rounds = await takeTurns<[Run, Run]>(
    bench.plan.rounds,
    () => readHello(),
    () => readMe(),
  );
  const hello = overRounds(rounds, ([bare]) => bare.operations / bare.server) * 1000;
  const me = overRounds(rounds, ([, run]) => run.operations / run.server) * 1000;
  const ratio = overRounds(rounds, ([bare, run]) => run.operations / run.server / (bare.operations / bare.server));
  return [
    {
      figure: 'GET /auth/me per core and second',
      measured: me,
      limit: { what: 'bare Fastify', measured: hello },
      ratio,
      budget: { text: `≥ ${BUDGET} of bare Fastify`, met: ratio >= BUDGET },
      foreign: overRounds(rounds, ([, run]) => run.foreign),
    },
  ];
}
