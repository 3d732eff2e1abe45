import type { Bench } from '../bench.js';
import type { Row } from '../results.js';
import { accessTokenOf, reads } from './operations.js';
import { atLeast, throughput } from './throughput.js';

const WORKERS = 50;

/** Measures `GET /auth/me` with a token that the service has seen before. */
export const protectedGet = async (bench: Bench): Promise<Row[]> => [await againstHello(bench, '/auth/me', 0.45)];

/** Measures a GET with a token that the service has seen before, against a Fastify route that answers "hello". */
export async function againstHello(bench: Bench, path: string, budget: number): Promise<Row> {
  const { service, population } = await bench.peopled();
  const credentials = Array.from({ length: WORKERS }, () => population.credentials());
  // One after the other, because fifty hashes at the same time are refused where the machine is busy.
  const tokens: string[] = [];
  for (const user of credentials) tokens.push(await accessTokenOf(service, '/auth/login', user));
  const headers = tokens.map((token) => `Authorization: Bearer ${token}`);
  return headersAgainstHello(bench, { figure: `GET ${path}`, path, headers, budget });
}

/** Measures the same with given lines of the header, one for each worker. */
export async function headersAgainstHello(
  bench: Bench,
  { figure, path, headers, budget }: { figure: string; path: string; headers: readonly string[]; budget: number },
): Promise<Row> {
  const { service } = await bench.peopled();
  return throughput(bench, {
    figure: `${figure} per core and second`,
    workers: headers.length,
    limit: {
      what: 'bare Fastify',
      target: await bench.limits(),
      operationOf: (worker) => reads('/hello', headers[worker]!),
    },
    ours: { target: service, operationOf: (worker) => reads(path, headers[worker]!) },
    budget: atLeast(budget, 'bare Fastify'),
  });
}
