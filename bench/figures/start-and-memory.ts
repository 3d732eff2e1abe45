import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.js';
import { overRounds } from '../comparison.js';
import { LimitsServer } from '../limits.js';
import { closedLoop } from '../load.js';
import { populate } from '../population.js';
import { progress, type Row } from '../results.js';
import { SECRET_KEY, Service } from '../service.js';
import { cpuTime, residentMemory } from '../usage.js';
import { accessTokenOf, logins, reads, refreshes } from './operations.js';

const START_BUDGET_MS = 1_000;
const IDLE_BUDGET_MB = 150;
const LOADED_BUDGET_MB = 200;

interface Start {
  ms: number;
  /** Milliseconds of CPU time until ready, which other work on the machine hardly changes. */
  cpu: number;
  megabytes: number;
}

/**
 * Measures the start from `node dist/main.js` to ready on a warm database, and the memory of the process idle and after
 * load.
 */
export async function startAndMemory(bench: Bench): Promise<Row[]> {
  const url = await bench.database.create('starts');
  await (await Service.start(url)).stop(); // migrates
  const services: Start[] = [];
  const limits: Start[] = [];
  for (let round = 0; round < bench.plan.coldStarts; round++) {
    progress(`  start ${round + 1} of ${bench.plan.coldStarts}`);
    limits.push(await coldStart(bench, () => LimitsServer.start(url, 0)));
    services.push(await coldStart(bench, () => Service.start(url)));
  }
  const [start, bareStart] = [overRounds(services, ({ ms }) => ms), overRounds(limits, ({ ms }) => ms)];
  const [cpu, bareCpu] = [overRounds(services, (one) => one.cpu), overRounds(limits, (one) => one.cpu)];
  const [idle, bareIdle] = [overRounds(services, (one) => one.megabytes), overRounds(limits, (one) => one.megabytes)];
  const loaded = await afterLoad(bench, url);
  return [
    {
      figure: 'cold start to ready, ms',
      measured: start,
      limit: { what: 'ms, ceiling server', measured: bareStart },
      ratio: start / bareStart,
      budget: { text: `≤ ${START_BUDGET_MS} ms`, met: start <= START_BUDGET_MS },
    },
    {
      figure: 'cold start: CPU, ms',
      measured: cpu,
      limit: { what: 'ms, ceiling server', measured: bareCpu },
      ratio: cpu / bareCpu,
    },
    {
      figure: 'memory when idle (RSS), MB',
      measured: idle,
      limit: { what: 'MB, ceiling server', measured: bareIdle },
      ratio: idle / bareIdle,
      budget: { text: `≤ ${IDLE_BUDGET_MB} MB`, met: idle <= IDLE_BUDGET_MB },
    },
    {
      figure: 'memory after load (RSS), MB',
      measured: loaded,
      budget: { text: `≤ ${LOADED_BUDGET_MB} MB`, met: loaded <= LOADED_BUDGET_MB },
    },
  ];
}

async function coldStart(bench: Bench, start: () => Promise<Service | LimitsServer>): Promise<Start> {
  const began = performance.now();
  const server = await start();
  const ms = performance.now() - began;
  const cpu = cpuTime(server.pid);
  await sleep(bench.plan.idle * 1000);
  const megabytes = residentMemory(server.pid);
  await server.stop();
  return { ms, cpu, megabytes };
}

/** Returns the memory right after logins, reads and refreshes, all from clients whose addresses never repeat. */
async function afterLoad(bench: Bench, url: string): Promise<number> {
  const population = await populate(url, bench.plan.users, SECRET_KEY);
  const service = await Service.start(url);
  try {
    const token = await accessTokenOf(service, '/auth/login', population.credentials());
    await closedLoop(bench, service, 32, () => logins(population));
    await closedLoop(bench, service, 16, (worker) => refreshes(population, worker, 16));
    await closedLoop(bench, service, 50, () => reads('/auth/me', `Authorization: Bearer ${token}`));
    return residentMemory(service.pid);
  } finally {
    await service.stop();
  }
}
