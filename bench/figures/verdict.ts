import type { Bench } from '../bench.js';
import type { Row } from '../results.js';
import { duringLogins } from './isolation.js';
import { againstHello } from './protected-get.js';

const PATH = '/gateway/verify';

/** The verdict that a gateway asks for with every request: how many a core gives, and how soon while others sign in. */
export const verdict = async (bench: Bench): Promise<Row[]> => [
  await againstHello(bench, PATH, 0.6),
  ...(await duringLogins(bench, PATH)),
];
