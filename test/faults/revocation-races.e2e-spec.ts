import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import type { Answer, HttpClient } from '../support/http-client.js';
import { Tally } from '../support/tally.js';
import { OwnPostgres, query } from '../system/support/own-postgres.js';
import { until } from '../system/support/processes.js';
import { PASSWORD, Scene } from '../system/support/service.js';
import { optionsFor } from './support/line.js';
import { Verifiers } from './support/verifiers.js';

const ROUNDS = 200;
const ADMIN = { email: 'admin@example.com', password: 'a first password of mine' };
const NEXT_PASSWORD = 'another and better one';

interface Person {
  id: string;
  email: string;
  /** The tokens of the session that will end. */
  tokens: TokenResponse;
  elsewhere: TokenResponse;
}

/** A verifier of access tokens: an instance of the service, or a process that follows its feed. */
interface TokenVerifier {
  name: string;
  refuses(accessToken: string): Promise<boolean>;
}

const scene = new Scene();
const listeners: Verifiers[] = [];
let postgres: OwnPostgres;
let url: string;
let services: HttpClient[];
let tokenVerifiers: TokenVerifier[];
let admin: string;

beforeAll(async () => {
  postgres = await OwnPostgres.start();
  url = await postgres.createDatabase();
  const variables = {
    DATABASE_URL: url,
    RATE_LIMITS: 'false',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
  };
  const started = [await scene.start(variables), await scene.start(variables)];
  services = started.map(({ http }) => http);
  tokenVerifiers = services.map((http, index) => ({
    name: `instance ${index}`,
    refuses: async (token) => (await http.get('/auth/me', { token })).status === 401,
  }));
  for (const { baseUrl } of services) tokenVerifiers.push(await listener(baseUrl));
  admin = (await post<TokenResponse>(services[0]!, '/auth/login', ADMIN)).body.access_token;
});
afterAll(async () => {
  for (const verifiers of listeners) await verifiers.stop();
  await scene.clear();
  await postgres.stop();
});

/** Starts verifiers in another process that follow the feed of this instance. */
async function listener(address: string): Promise<TokenVerifier> {
  const verifiers = new Verifiers();
  listeners.push(verifiers);
  for (let count = 0; count < 2; count += 1) {
    expect(await verifiers.tell('create', optionsFor(address, { maxStaleness: 60 }))).not.toBeNull();
  }
  const refuses = async (token: string) => {
    await until('an acknowledged revocation reaches the verifiers', async () =>
      (await verifiers.tell('tryOut', token)).every((outcome) => outcome === 'token_revoked'),
    );
    return true;
  };
  return { name: `verifiers of ${address}`, refuses };
}

const instance = (n: number): HttpClient => services[n % services.length]!;

async function post<Body>(http: HttpClient, path: string, body: unknown, token?: string): Promise<Answer<Body>> {
  const answer = await http.post<Body>(path, body, { token });
  if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.text}`);
  return answer;
}

async function person(roles = ['user']): Promise<Person> {
  const account = { email: `${randomUUID()}@example.com`, password: PASSWORD };
  const { body } = await post<{ id: string }>(instance(0), '/users', { ...account, roles }, admin);
  const [tokens, elsewhere] = await Promise.all(
    [0, 1].map(async (n) => (await post<TokenResponse>(instance(n), '/auth/login', account)).body),
  );
  return { id: body.id, email: account.email, tokens: tokens!, elsewhere: elsewhere! };
}

const password = { current_password: PASSWORD, new_password: NEXT_PASSWORD };
type End = (http: HttpClient, person: Person) => Promise<Answer<unknown>>;
const ENDINGS: Record<string, End> = {
  'a logout': (http, { tokens: { access_token: token } }) =>
    http.post('/auth/logout?wait=applied', undefined, { token }),
  'disabling the user': (http, { id }) =>
    http.patch(`/users/${id}?wait=applied`, { status: 'disabled' }, { token: admin }),
  'a password change on another device': (http, { elsewhere: { access_token: token } }) =>
    http.post('/auth/password?wait=applied', password, { token }),
  'signing the user out everywhere': (http, { id }) =>
    http.delete(`/users/${id}/sessions?wait=applied`, { token: admin }),
  'a bulk revocation': (http, { id }) =>
    http.post('/revocations?wait=applied', { user_id: id, network: '127.0.0.0/8' }, { token: admin }),
};

/**
 * Lets a client refresh on both instances in turn until the end is acknowledged, and tells whether it was never refused
 * before. `refreshes` counts what it has sent.
 */
async function race({ tokens }: Person, end: () => Promise<Answer<unknown>>, refreshes: Tally): Promise<boolean> {
  const held = [tokens];
  let over = false;
  let through = true;
  const chain = async () => {
    for (let step = 0; through && !over; step++) {
      const { refresh_token } = held.at(-1)!;
      refreshes.add();
      const { status, body } = await instance(step).post<TokenResponse>('/auth/refresh', { refresh_token });
      expect([200, 401]).toContain(status);
      if (status === 200) held.push(body);
      else through = false;
    }
  };
  const ending = async () => {
    const answer = await end();
    over = true;
    expect([200, 204]).toContain(answer.status);
    expect(answer.headers.get('revocation-status')).toBe('applied');
  };
  await Promise.all([chain(), ending()]);
  for (const { access_token: token, refresh_token } of [...held.slice(0, 2), ...held.slice(-3)]) {
    for (const { name, refuses } of tokenVerifiers) expect([name, await refuses(token)]).toEqual([name, true]);
    for (const http of services) expect((await http.post('/auth/refresh', { refresh_token })).status).toBe(401);
  }
  return through;
}

/** Runs rounds in parallel, each on a person of its own. */
async function rounds(atOnce: number, once: (round: number) => Promise<boolean[]>): Promise<boolean[]> {
  const outcomes: boolean[] = [];
  for (let round = 0; outcomes.length < ROUNDS; round += atOnce) {
    outcomes.push(...(await Promise.all(Array.from({ length: atOnce }, (_, n) => once(round + n)))).flat());
  }
  return outcomes;
}

describe('refreshing on two instances at the moment in which the session ends', () => {
  it.each(Object.entries(ENDINGS))('%s leaves nothing of it alive, for nobody', async (_, end) => {
    const outcomes = await rounds(10, async (round) => {
      const someone = await person();
      const refreshes = new Tally();
      const ending = async () => {
        await refreshes.reached(1 + (round % 4));
        return end(instance(round), someone);
      };
      return [await race(someone, ending, refreshes)];
    });
    expect(outcomes).toHaveLength(ROUNDS);
    // Some sessions must have ended while their client refreshed, or there was no race.
    expect(outcomes).toContain(false);
  });

  it('signing everybody out leaves nothing of any of them alive, and the administrator signed in', async () => {
    const outcomes = await rounds(1, async (round) => {
      const people = await Promise.all(Array.from({ length: 8 }, () => person()));
      const refreshes = new Tally();
      const everybody = refreshes
        .reached(1 + ((round * 3) % 20))
        .then(() => instance(round).post('/revocations?wait=applied', { everybody: true }, { token: admin }));
      return Promise.all(people.map((someone) => race(someone, () => everybody, refreshes)));
    });
    expect(outcomes).toHaveLength(ROUNDS);
    expect(outcomes).toContain(false);
    expect((await instance(1).get('/auth/me', { token: admin })).status).toBe(200);
  });
});

describe('everything that revokes, at once and without end', () => {
  const SECONDS = 20;

  it('waits in one order: no deadlock, no error, and the log has no gap', async () => {
    const people = await Promise.all(Array.from({ length: 12 }, () => person(['user', 'approver'])));
    const before = await deadlocks();
    const statuses = new Map<string, number>();
    const deadline = performance.now() + SECONDS * 1000;
    const go = async (
      worker: number,
      name: string,
      act: (someone: Person, http: HttpClient) => Promise<Answer<unknown>>,
    ) => {
      for (let step = worker; performance.now() < deadline; step++) {
        const { status } = await act(people[step % people.length]!, instance(step));
        statuses.set(`${name} ${status}`, (statuses.get(`${name} ${status}`) ?? 0) + 1);
      }
    };
    await Promise.all(Object.entries(ACTS).flatMap(([name, act]) => [0, 5].map((worker) => go(worker, name, act))));
    const kinds = [...statuses.keys()];
    expect(kinds.filter((kind) => / [5]\d\d$/.test(kind))).toEqual([]);
    // Each action has succeeded.
    for (const name of Object.keys(ACTS)) expect(kinds.some((kind) => kind.startsWith(`${name} 2`))).toBe(true);
    await flushStatistics();
    expect(await deadlocks()).toBe(before);
    const [log] = await query(
      url,
      `SELECT max(seq) - min(seq) + 1 = count(*) AS gapless, max(seq) = (SELECT seq FROM revocation_head) AS complete
       FROM (SELECT seq FROM revocations UNION ALL SELECT seq FROM revocation_epochs) AS log`,
    );
    expect(log).toEqual({ gapless: true, complete: true });
  });

  /** Ends the connections of the instances, since a connection reports its deadlocks only after a while, or at its end. */
  const flushStatistics = async (): Promise<void> => {
    const others = 'FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()';
    const ended = await query<{ pid: number }>(url, `SELECT pid, pg_terminate_backend(pid) ${others}`);
    const pids = ended.map(({ pid }) => pid);
    await until('their connections are gone', async () => {
      return (await query(url, `SELECT ${others} AND pid = ANY ($1)`, [pids])).length === 0;
    });
  };

  const deadlocks = async (): Promise<number> => {
    const [row] = await query<{ deadlocks: string }>(
      url,
      'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
    );
    return Number(row!.deadlocks);
  };

  const roles = [['user'], ['user', 'approver']];
  const alternate = <T>(values: readonly T[]): (() => T) => {
    let turn = 0;
    return () => values[turn++ % values.length]!;
  };
  const [nextRoles, nextStatus] = [alternate(roles), alternate(['disabled', 'active', 'active'])];

  const ACTS: Record<string, (someone: Person, http: HttpClient) => Promise<Answer<unknown>>> = {
    'sign in': async (someone, http) => {
      const answer = await http.post<TokenResponse>('/auth/login', { email: someone.email, password: PASSWORD });
      if (answer.status === 200) [someone.tokens, someone.elsewhere] = [someone.elsewhere, answer.body];
      return answer;
    },
    refresh: async (someone, http) => {
      const { refresh_token } = someone.tokens;
      const answer = await http.post<TokenResponse>('/auth/refresh', { refresh_token });
      if (answer.status === 200) someone.tokens = answer.body;
      return answer;
    },
    'change the password': ({ elsewhere: { access_token: token } }, http) =>
      http.post('/auth/password', { current_password: PASSWORD, new_password: PASSWORD }, { token }),
    'change roles': ({ id }, http) => http.patch(`/users/${id}`, { roles: nextRoles() }, { token: admin }),
    'change the status': ({ id }, http) => http.patch(`/users/${id}`, { status: nextStatus() }, { token: admin }),
    'end the sessions': ({ id }, http) => http.delete(`/users/${id}/sessions`, { token: admin }),
    'end others': ({ elsewhere: { access_token: token } }, http) => http.delete('/sessions', { token }),
    'revoke by network': (_, http) => http.post('/revocations', { network: '127.0.0.1' }, { token: admin }),
    'revoke by role': (_, http) => http.post('/revocations', { role: 'approver' }, { token: admin }),
    'revoke by time': (_, http) =>
      http.post('/revocations', { created_before: new Date().toISOString() }, { token: admin }),
  };
});
