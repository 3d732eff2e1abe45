import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Transactions } from '../../src/platform/database/transactions.js';
import { OutboxMessages, Undeliverable, type OutboxMessage } from '../../src/platform/outbox/outbox-messages.js';
import { OutboxWorkers } from '../../src/platform/outbox/outbox-workers.js';
import { createDatabase } from '../support/database.js';
import { Gate } from '../support/gate.js';
import { openOutbox, PARCEL, parcels, type Parcel } from '../support/outbox.js';
import { patience } from '../support/patience.js';
import { soon } from './service-process.js';

const WORKER = fileURLToPath(new URL('../support/outbox-worker.ts', import.meta.url));
const FROM_SOURCES = new URL('../support/from-sources.mjs', import.meta.url).href;
const IN_AN_HOUR = () => new Date(Date.now() + 3_600_000);

describe('a message in the outbox', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  const opened: TestingModule[] = [];
  const processes: ChildProcess[] = [];
  beforeEach(async () => {
    patience.give();
    database = await createDatabase();
  });
  afterEach(async () => {
    for (const child of processes.splice(0))
      if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
    await Promise.all(opened.splice(0).map((module) => module.close()));
    await database.drop();
  });

  async function open(...given: Parameters<typeof openOutbox> extends [string, ...infer Rest] ? Rest : never) {
    const module = await openOutbox(database.url, ...given);
    opened.push(module);
    return module;
  }

  /** A worker as a process, and what it tells. */
  function startWorker(environment: NodeJS.ProcessEnv = {}) {
    const child = spawn(process.execPath, ['--expose-gc', '--import', FROM_SOURCES, WORKER], {
      env: { PATH: process.env['PATH'], DATABASE_URL: database.url, ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    processes.push(child);
    const told: Record<string, unknown>[] = [];
    createInterface(child.stdout).on('line', (line) => told.push(JSON.parse(line) as Record<string, unknown>));
    return { child, told };
  }

  /** Nobody delivers, and the test takes every step by itself. */
  const idle = (fields = {}) =>
    open(
      parcels(() => Promise.resolve(), fields),
      { inService: false },
    );
  const put = (module: TestingModule, n: number, expiresAt = IN_AN_HOUR(), notBefore: Date | null = null) =>
    module
      .get(Transactions)
      .run((manager) => module.get(OutboxMessages).append(PARCEL, { n }, { expiresAt, notBefore }, manager));
  const claim = (module: TestingModule) => module.get(OutboxMessages).claim<Parcel>({ name: PARCEL, lease: 60_000 });
  const rows = (module: TestingModule) =>
    module.get(DataSource).query<Record<string, unknown>[]>('SELECT * FROM outbox_messages ORDER BY created_at');
  const isEmpty = (module: TestingModule) => soon(async () => (await rows(module)).length === 0);
  const endLeases = (module: TestingModule) =>
    module.get(DataSource).query('UPDATE outbox_messages SET leased_until = now()');
  const makeDue = (module: TestingModule) => module.get(DataSource).query('UPDATE outbox_messages SET due_at = now()');
  const stateOf = async (module: TestingModule) => (await module.get(OutboxWorkers).states())[0];

  it('is delivered after its cause has committed, and never where that was undone', async () => {
    const sent: number[] = [];
    const module = await open(parcels(({ payload: { n } }) => Promise.resolve(void sent.push(n))));
    const undone = module.get(Transactions).run(async (manager) => {
      await module.get(OutboxMessages).append(PARCEL, { n: 1 }, { expiresAt: IN_AN_HOUR() }, manager);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await put(module, 2);
    expect(await isEmpty(module)).toBe(true);
    expect(sent).toEqual([2]);
  });

  it('survives the kill of the process that delivers it, under the same id', async () => {
    const module = await idle();
    const id = await put(module, 1);
    const first = startWorker({ HOLD: '1' });
    expect(await soon(() => first.told.length === 1)).toBe(true);
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    // Until the lease is over nobody else has it.
    expect(await claim(module)).toBeNull();
    await endLeases(module);
    const { told } = startWorker();
    expect(await isEmpty(module)).toBe(true);
    expect([...first.told, ...told]).toEqual([
      { id, attempts: 1 },
      { id, attempts: 2 },
    ]);
  });

  it('is settled by its latest attempt alone, 30 times over', async () => {
    const delivered: OutboxMessage[] = [];
    const deliver = parcels(async (message) => void delivered.push(message), { atOnce: 1 });
    for (let round = 0; round < 30; round++) {
      const [one, other] = await Promise.all([open(deliver), open(deliver, { inService: false })]);
      const gate = Gate.before(one.get(OutboxMessages), 'settle');
      const id = await put(one, round);
      // Its worker has delivered it, and is held up until its lease is over and another one is at it.
      await gate.reached(1);
      await endLeases(other);
      const second = (await claim(other))!;
      expect(second).toMatchObject({ id, attempts: 2 });
      gate.open();
      await one.close();
      expect(await rows(other)).toMatchObject([{ id, attempts: 2 }]);
      expect(await other.get(OutboxMessages).settle({ ...second, attempts: 1 })).toBe(false);
      expect(await other.get(OutboxMessages).settle(second)).toBe(true);
      await other.close();
      opened.length = 0;
    }
    expect(delivered).toHaveLength(30);
  });

  it('is taken by one of many that want it, 30 times over', async () => {
    const [one, other] = await Promise.all([idle(), idle()]);
    for (let round = 0; round < 30; round++) {
      const ids = await Promise.all([1, 2, 3].map((n) => put(one, n)));
      const wanted = [one, other, one, other, one, other, one, other].map(claim);
      const taken = (await Promise.all(wanted)).filter((message) => message !== null);
      const late = [await claim(one), await claim(other)].filter((message) => message !== null);
      expect([...taken, ...late].map(({ id }) => id).sort()).toEqual(ids.sort());
      expect([...taken, ...late].map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
      await one.get(DataSource).query('DELETE FROM outbox_messages');
    }
  });

  it('is dropped when it has expired, and not taken before it is due', async () => {
    const module = await idle();
    await put(module, 1, new Date(Date.now() - 1000));
    await put(module, 2, IN_AN_HOUR(), new Date(Date.now() + 1_800_000));
    expect(await claim(module)).toBeNull();
    expect(await stateOf(module)).toMatchObject({ waiting: 2 });
    await module.get(OutboxMessages).sweep();
    expect(await rows(module)).toMatchObject([{ payload: { n: 2 } }]);
    await makeDue(module);
    expect(await claim(module)).toMatchObject({ payload: { n: 2 } });
  });

  it('that fails is tried again and then given up, with its reason for the operator', async () => {
    let failures = 0;
    const module = await open(parcels(() => Promise.reject(new Error(`no room ${++failures}`))));
    expect(await stateOf(module)).toEqual({ name: PARCEL, waiting: 0, oldestSeconds: null, failing: 0, lost: 0 });
    const id = await put(module, 1);
    const failed = (times: number) => soon(async () => (await rows(module))[0]!['last_error'] === `no room ${times}`);
    expect(await failed(1)).toBe(true);
    const [row] = await rows(module);
    expect(row).toMatchObject({ id, leased_until: null, dead_at: null });
    expect((row!['due_at'] as Date).getTime()).toBeGreaterThan((row!['created_at'] as Date).getTime());
    expect(await stateOf(module)).toMatchObject({ waiting: 1, failing: 1, lost: 0, oldestSeconds: expect.any(Number) });
    for (const times of [2, 3]) {
      await makeDue(module);
      expect(await failed(times)).toBe(true);
    }
    expect(await rows(module)).toMatchObject([{ attempts: 3, last_error: 'no room 3', dead_at: expect.any(Date) }]);
    expect(await stateOf(module)).toEqual({ name: PARCEL, waiting: 0, oldestSeconds: null, failing: 0, lost: 1 });
    await makeDue(module);
    expect(await claim(module)).toBeNull();
  });

  it('that can never be delivered is given up at once, and so is one that ends every process', async () => {
    const module = await open(parcels(() => Promise.reject(new Undeliverable('nobody lives there'))));
    await put(module, 1);
    const isDead = () => soon(async () => (await rows(module))[0]?.['dead_at'] instanceof Date);
    expect(await isDead()).toBe(true);
    expect(await rows(module)).toMatchObject([{ attempts: 1, last_error: 'nobody lives there' }]);
    await module.get(DataSource).query('UPDATE outbox_messages SET dead_at = NULL, attempts = 3');
    expect(await isDead()).toBe(true);
    expect(await rows(module)).toMatchObject([{ attempts: 4, last_error: 'no attempt has ended' }]);
    await module.get(DataSource).query(`UPDATE outbox_messages SET dead_at = now() - interval '31 days'`);
    await module.get(OutboxMessages).sweep();
    expect(await rows(module)).toEqual([]);
  });

  it('is left for the next start where the service stops, also by a delivery that does not end', async () => {
    let begun = 0;
    const hangs = parcels(({ payload: { n } }, closing) => {
      begun += 1;
      return n === 1
        ? new Promise(() => undefined)
        : new Promise((_, reject) => closing.addEventListener('abort', () => reject(new Error('stopped'))));
    });
    const module = await open(hangs);
    const other = await idle();
    await put(other, 1);
    await put(other, 2);
    expect(await soon(() => begun === 2)).toBe(true);
    await module.close();
    const [endless, obedient] = await rows(other);
    expect(endless).toMatchObject({ payload: { n: 1 }, leased_until: expect.any(Date) });
    expect(obedient).toMatchObject({ payload: { n: 2 }, leased_until: null, last_error: null });
    // A worker that looked for more as the stop began may have claimed it, and given it back as well.
    expect(await claim(other)).toMatchObject({ payload: { n: 2 } });
  });

  it('is left for the next worker at once where the service stops while it is claimed, 30 times over', async () => {
    const other = await idle();
    const sent: number[] = [];
    for (let round = 1; round <= 30; round++) {
      const module = await open(parcels(({ payload: { n } }) => Promise.resolve(void sent.push(n))));
      const gate = Gate.before(module.get(OutboxMessages), 'claim');
      const workers = module.get(OutboxWorkers);
      // Workers that looked before the gate was there have found nothing.
      await soon(() => workers['work'].size === gate.arrivals);
      await put(other, round);
      await gate.reached(1);
      const closed = module.close();
      // The stop has begun, and waits for the claim.
      await soon(() => workers['closing'].signal.aborted);
      gate.open();
      await closed;
      opened.length = 1;
      expect(await rows(other)).toMatchObject([{ payload: { n: round }, attempts: 1, leased_until: null }]);
      expect(sent).toEqual([]);
      await other.get(DataSource).query('DELETE FROM outbox_messages');
    }
  });

  it('is not delivered by a process that serves nobody', async () => {
    const sent: number[] = [];
    const module = await open(
      parcels(({ payload: { n } }) => Promise.resolve(void sent.push(n))),
      { inService: false },
    );
    await put(module, 1);
    await module.close();
    expect(await rows(await idle())).toMatchObject([{ attempts: 0 }]);
    expect(sent).toEqual([]);
  });

  it('costs no memory while it waits: 10,000 are delivered by a process that does not grow', async () => {
    const module = await idle();
    await module.get(DataSource).query(
      `INSERT INTO outbox_messages (id, kind, payload, due_at, expires_at)
       SELECT gen_random_uuid(), $1, jsonb_build_object('n', n, 'text', repeat('x', 4000)), now(), now() + interval '1 day'
       FROM generate_series(1, 10000) AS n`,
      [PARCEL],
    );
    const { told } = startWorker({ HEAP_EVERY: '1000' });
    expect(await isEmpty(module)).toBe(true);
    expect(told).toHaveLength(10);
    const heap = told.map((line) => line['heap'] as number);
    // All payloads together are 40 MB.
    expect(heap.at(-1)! - heap[0]!).toBeLessThan(5_000_000);
  });
});
