import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.js';
import { Connection } from '../connection.js';
import type { Operation } from '../load.js';
import type { Population, SeededSession } from '../population.js';
import { post, succeed } from '../requests.js';
import { progress, type Row } from '../results.js';
import type { Target } from '../service.js';
import { VerifierFleet } from '../verifier-fleet.js';
import { logins, reads, refreshes } from './operations.js';

const VERIFIERS = 100;
const PROCESSES = 2;
const CONTROLS = 20;
const REVOCATIONS_AT_ONCE = 2;
const PATIENCE_MS = 5_000;
const BUDGET_MS = 100;

/**
 * Measures how long after its answer a logout takes effect in each of 100 verifiers that follow two loaded instances.
 */
export async function propagation(bench: Bench): Promise<Row[]> {
  const { service, population } = await bench.peopled();
  const issuer = `http://localhost:${service.port}`;
  const other = await bench.instance('ordinary', issuer);
  const instances = [service, other];
  const connections = await Promise.all(instances.map(({ port }) => Connection.open(port)));
  const controls = await tokensOf(connections[0]!, population, CONTROLS);
  progress(`  ${VERIFIERS} verifiers …`);
  const fleet = await VerifierFleet.start(PROCESSES, VERIFIERS, {
    issuer,
    ports: instances.map(({ port }) => port),
    controls,
  });
  const load = new Load(instances, population, controls[0]!);
  const latencies: number[] = [];
  let lost = 0;
  const revokeEvery = async (lane: number): Promise<void> => {
    for (let id = lane; id < bench.plan.revocations; id += REVOCATIONS_AT_ONCE) {
      for (const latency of await revoke(id, instances, fleet, population)) {
        if (latency === null) lost++;
        else latencies.push(latency);
      }
    }
  };
  await Promise.all(Array.from({ length: REVOCATIONS_AT_ONCE }, (_, lane) => revokeEvery(lane)));
  const { tried, falselyRefused } = await fleet.controls();
  await load.stop();
  for (const connection of connections) connection.close();
  await fleet.stop();
  progress(`  ${latencies.length} refusals; ${tried} times a living session was tried`);
  return rowsOf(latencies, lost, falselyRefused);
}

/** Signs a session out at one of the instances. @returns milliseconds until each verifier refused it; null for never */
async function revoke(
  id: number,
  instances: Target[],
  fleet: VerifierFleet,
  population: Population,
): Promise<(number | null)[]> {
  const connection = await Connection.open(instances[id % instances.length]!.port);
  const token = await accessToken(connection, population.session(id + CONTROLS, population.size));
  await fleet.watch(id, token);
  const refusals = fleet.refusals(id, PATIENCE_MS);
  await succeed(connection, logout(token));
  const answered = Number(process.hrtime.bigint()) / 1e6;
  connection.close();
  return (await refusals).map((time) => (time === null ? null : Math.max(0, time - answered)));
}

const logout = (token: string): string =>
  `POST /auth/logout HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nContent-Length: 0\r\n\r\n`;

async function tokensOf(connection: Connection, population: Population, count: number): Promise<string[]> {
  const tokens: string[] = [];
  for (let user = 0; user < count; user++) {
    tokens.push(await accessToken(connection, population.session(user, population.size)));
  }
  return tokens;
}

async function accessToken(connection: Connection, session: SeededSession): Promise<string> {
  const { body } = await succeed(connection, post('/auth/refresh', { refresh_token: session.refreshToken }));
  return (JSON.parse(body) as { access_token: string }).access_token;
}

/** The load on the instances meanwhile: each has reads, refreshes and sign-ins at a steady rate. */
class Load {
  private stopped = false;
  private readonly work: Promise<unknown>;

  constructor(instances: Target[], population: Population, token: string) {
    const last = population.size - 1;
    this.work = Promise.all(
      instances.flatMap((target, index) => [
        this.repeat(target, 10, reads('/auth/me', `Authorization: Bearer ${token}`)),
        this.repeat(target, 10, refreshes(population, last - index, population.size)),
        this.repeat(target, 250, logins(population)),
      ]),
    );
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.work;
  }

  private async repeat(target: Target, pauseMs: number, operation: Operation): Promise<void> {
    const connection = await Connection.open(target.port);
    while (!this.stopped) {
      await operation(connection);
      await sleep(pauseMs);
    }
    connection.close();
  }
}

function rowsOf(latencies: number[], lost: number, falselyRefused: number): Row[] {
  const sorted = Float64Array.from(latencies).sort();
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1]!;
  return [
    { figure: 'revocation to refusal in 100 verifiers, p50, ms', measured: at(0.5) },
    {
      figure: 'revocation to refusal in 100 verifiers, p99, ms',
      measured: at(0.99),
      budget: { text: `≤ ${BUDGET_MS} ms`, met: at(0.99) <= BUDGET_MS },
    },
    { figure: 'revocation to refusal in 100 verifiers, longest, ms', measured: at(1) },
    { figure: 'revocations lost', measured: lost, budget: { text: 'none', met: lost === 0 } },
    {
      figure: 'living sessions refused',
      measured: falselyRefused,
      budget: { text: 'none', met: falselyRefused === 0 },
    },
  ];
}
