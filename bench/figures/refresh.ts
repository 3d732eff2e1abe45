import type { Bench } from '../bench.js';
import type { Operation } from '../load.js';
import { post, succeed } from '../requests.js';
import type { Row } from '../results.js';
import { refreshes } from './operations.js';
import { atLeast, throughput } from './throughput.js';

const WORKERS = 16;

/** Measures refresh rotation against that of the ceiling server: one conditional update and one signature in both. */
export async function refresh(bench: Bench): Promise<Row[]> {
  const { service, population } = await bench.peopled();
  const limits = await bench.limits();
  const bareTokens = Array.from({ length: bench.plan.users }, (_, index) => `token${index + 1}`);
  const row = await throughput(bench, {
    figure: 'refreshes per core and second',
    workers: WORKERS,
    limit: { what: 'ceiling server', target: limits, operationOf: (worker) => bareRefreshes(bareTokens, worker) },
    ours: { target: service, operationOf: (worker) => refreshes(population, worker, WORKERS) },
    budget: atLeast(0.5, 'the ceiling'),
  });
  return [row];
}

/** Refreshes the sessions of the ceiling server likewise: every worker has some of its own. */
function bareRefreshes(tokens: string[], worker: number): Operation {
  return async (connection) => {
    const index = worker + WORKERS * Math.floor(Math.random() * Math.floor(tokens.length / WORKERS));
    const { body } = await succeed(connection, post('/refresh', { refresh_token: tokens[index] }));
    tokens[index] = (JSON.parse(body) as { refresh_token: string }).refresh_token;
  };
}
