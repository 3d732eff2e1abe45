import type { Bench } from '../bench.js';
import { overRounds, takeTurns } from '../comparison.js';
import { closedLoop, type Run } from '../load.js';
import type { Row } from '../results.js';
import { accessTokenOf, reads } from './operations.js';

const WORKERS = 50;

/** `GET /auth/me` with a token that the service has seen before. */
export const protectedGet = (bench: Bench): Promise<Row[]> => againstHello(bench, '/auth/me', 0.45);

/** A GET with a token that the service has seen before, against a Fastify route that says hello. */
export async function againstHello(bench: Bench, path: string, budget: number): Promise<Row[]> {
  const { service, population } = await bench.peopled();
  const limits = await bench.limits();
  const credentials = Array.from({ length: WORKERS }, () => population.credentials());
  const tokens = await Promise.all(credentials.map((user) => accessTokenOf(service, '/auth/login', user)));
  const readHello = (seconds?: number) =>
    closedLoop(bench, limits, WORKERS, (worker) => reads('/hello', tokens[worker]!), seconds);
  const readOurs = (seconds?: number) =>
    closedLoop(bench, service, WORKERS, (worker) => reads(path, tokens[worker]!), seconds);
  await readHello(bench.plan.firstWarmUp / 2);
  await readOurs(bench.plan.firstWarmUp / 2);
  const rounds = await takeTurns<[Run, Run]>(
    bench.plan.rounds,
    () => readHello(),
    () => readOurs(),
  );
  const hello = overRounds(rounds, ([bare]) => bare.operations / bare.server) * 1000;
  const ours = overRounds(rounds, ([, run]) => run.operations / run.server) * 1000;
  const ratio = overRounds(rounds, ([bare, run]) => run.operations / run.server / (bare.operations / bare.server));
  return [
    {
      figure: `GET ${path} per core and second`,
      measured: ours,
      limit: { what: 'bare Fastify', measured: hello },
      ratio,
      budget: { text: `≥ ${budget} of bare Fastify`, met: ratio >= budget },
      foreign: overRounds(rounds, ([, run]) => run.foreign),
    },
  ];
}
