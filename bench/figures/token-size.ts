import type { Bench } from '../bench.js';
import type { Row } from '../results.js';
import { accessTokenOf } from './operations.js';

const BUDGET_BYTES = 480;

/** Measures the size of an access token, and that of its signature and header alone. */
export async function tokenSize(bench: Bench): Promise<Row[]> {
  const { service, population } = await bench.peopled();
  const token = await accessTokenOf(service, '/auth/login', population.credentials());
  const [header, , signature] = token.split('.') as [string, string, string];
  const least = header.length + signature.length + 2;
  return [
    {
      figure: 'access token, bytes',
      measured: token.length,
      limit: { what: 'without claims', measured: least },
      ratio: token.length / least,
      budget: { text: `≤ ${BUDGET_BYTES} bytes`, met: token.length <= BUDGET_BYTES },
    },
  ];
}
