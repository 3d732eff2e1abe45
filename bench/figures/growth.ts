import type { Bench, Peopled } from '../bench.js';
import { overRounds, takeTurns } from '../comparison.js';
import { closedLoop, type Operation, type Run } from '../load.js';
import type { Row } from '../results.js';
import { logins, refreshes } from './operations.js';

const WORKERS = 8;
const BUDGET = 1.25;

type OperationOf = (people: Peopled, worker: number) => Operation;

/** Measures the cost of a login and a refresh for the service and PostgreSQL together, with few users and with many. */
export async function growth(bench: Bench): Promise<Row[]> {
  const few = await bench.peopled();
  const many = await bench.people('grown', bench.plan.manyUsers);
  return [
    await compare(bench, 'login', few, many, ({ population }) => logins(population)),
    await compare(bench, 'refresh', few, many, ({ population }, worker) => refreshes(population, worker, WORKERS)),
  ];
}

async function compare(
  bench: Bench,
  name: string,
  few: Peopled,
  many: Peopled,
  operationOf: OperationOf,
): Promise<Row> {
  const loadOn = (people: Peopled, seconds?: number) => () =>
    closedLoop(bench, people.service, WORKERS, (worker) => operationOf(people, worker), seconds);
  await loadOn(few, bench.plan.firstWarmUp)();
  await loadOn(many, bench.plan.firstWarmUp)();
  const rounds = await takeTurns<[Run, Run]>(bench.plan.rounds, loadOn(few), loadOn(many));
  const cost = (run: Run): number => (run.server + run.database) / run.operations;
  const small = overRounds(rounds, ([run]) => cost(run));
  const large = overRounds(rounds, ([, run]) => cost(run));
  const ratio = overRounds(rounds, ([least, run]) => cost(run) / cost(least));
  const users = (count: number): string => count.toLocaleString('en');
  return {
    figure: `${name} with ${users(many.population.size)} users: CPU with PostgreSQL, ms`,
    measured: large,
    limit: { what: `ms with ${users(few.population.size)}`, measured: small },
    ratio,
    budget: { text: `≤ ${BUDGET}×`, met: ratio <= BUDGET },
    foreign: overRounds(rounds, ([, run]) => run.foreign),
  };
}
