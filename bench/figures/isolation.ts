import type { Bench } from '../bench.js';
import { overRounds, takeTurns } from '../comparison.js';
import { closedLoop, openLoop, type Latencies, type Operation } from '../load.js';
import { progress, type Row } from '../results.js';
import type { Target } from '../service.js';
import { ceilingLogins, ceilingUser } from './ceiling-user.js';
import { accessTokenOf, logins, reads } from './operations.js';

const RATE = 200;
const LOGINS = 32;
const BUDGET_MS = 15;
/** The seconds by which the logins start before the first read and end after the last one. */
const MARGIN_SECONDS = 1;

interface Isolation {
  quiet: Latencies;
  busy: Latencies;
  foreign: number;
}

/** Measures `GET /auth/me` while the service is busy with logins. */
export const isolation = (bench: Bench): Promise<Row[]> => duringLogins(bench, '/auth/me');

/** Measures reads at a steady rate while 32 clients sign in without pause. The server has one core for both. */
export async function duringLogins(bench: Bench, path: string): Promise<Row[]> {
  const { service, population } = await bench.peopled();
  const limits = await bench.limits();
  const user = await ceilingUser(limits);
  const bareToken = await accessTokenOf(limits, '/login', user);
  const token = await accessTokenOf(service, '/auth/login', population.credentials());
  const rounds = await takeTurns(
    bench.plan.isolationRounds,
    () => isolate(bench, limits, reads('/me', `Authorization: Bearer ${bareToken}`), ceilingLogins(user)),
    () => isolate(bench, service, reads(path, `Authorization: Bearer ${token}`), logins(population)),
  );
  const p99 = overRounds(rounds, ([, run]) => run.busy.p99);
  const bare = overRounds(rounds, ([run]) => run.busy.p99);
  const unanswered = Math.max(...rounds.map(([, run]) => run.busy.unanswered));
  const foreign = overRounds(rounds, ([, run]) => run.foreign);
  return [
    {
      figure: `GET ${path} p99 during ${LOGINS} endless logins, ms`,
      measured: p99,
      limit: { what: 'ms, ceiling server', measured: bare },
      ratio: p99 / bare,
      budget: { text: `< ${BUDGET_MS} ms`, met: p99 < BUDGET_MS },
      foreign,
    },
    {
      figure: `GET ${path} unanswered meanwhile`,
      measured: unanswered,
      budget: { text: 'none', met: unanswered === 0 },
      foreign,
    },
    { figure: `GET ${path} p99 without logins, ms`, measured: overRounds(rounds, ([, run]) => run.quiet.p99), foreign },
  ];
}

async function isolate(bench: Bench, target: Target, read: Operation, login: Operation): Promise<Isolation> {
  const { isolationSeconds: seconds, warmUp } = bench.plan;
  const quiet = await openLoop(target, RATE, seconds / 2, () => read);
  const hammer = closedLoop(bench, target, LOGINS, () => login, seconds + MARGIN_SECONDS);
  const [busy, { foreign }] = await Promise.all([
    delay((warmUp + MARGIN_SECONDS / 2) * 1000).then(() => openLoop(target, RATE, seconds, () => read)),
    hammer,
  ]);
  progress(`  p99 ${quiet.p99.toFixed(1)} ms alone, ${busy.p99.toFixed(1)} ms during the logins`);
  return { quiet, busy, foreign };
}

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
