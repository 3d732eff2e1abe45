import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../common/errors.js';
import { AHEAD_MS, HashingPool } from './hashing-pool.js';
import type { Timed } from './hashing-threads.js';

/** Makes jobs that end when the test decides, and records the order in which they were started. */
class Jobs {
  readonly begun: string[] = [];
  private readonly endings = new Map<string, PromiseWithResolvers<Timed<string>>>();

  readonly job = (name: string) => (): Promise<Timed<string>> => {
    this.begun.push(name);
    const ending = Promise.withResolvers<Timed<string>>();
    this.endings.set(name, ending);
    return ending.promise;
  };

  async end(name: string, elapsedMs = AHEAD_MS): Promise<void> {
    this.endings.get(name)!.resolve({ value: name, elapsedMs });
    await settled();
  }

  async fail(name: string): Promise<void> {
    this.endings.get(name)!.reject(new Error(name));
    await settled();
  }
}

const settled = async () => {
  for (let i = 0; i < 10; i++) await Promise.resolve();
};

const after = <T>(elapsedMs: number, value: T) => Promise.resolve({ value, elapsedMs });

const overloaded = (retryAfterSeconds: number) => ({ name: 'AppError', code: 'overloaded', retryAfterSeconds });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const make = (options: { threads?: number; maxQueue?: number; deadlineMs?: number } = {}) => ({
  pool: new HashingPool({ threads: 2, maxQueue: 3, deadlineMs: 5000, ...options }),
  jobs: new Jobs(),
});

describe('HashingPool', () => {
  it('settles as the job does', async () => {
    const { pool } = make();
    expect(await pool.run(() => after(1, 42))).toBe(42);
    await expect(pool.run(() => Promise.reject(new TypeError('x')))).rejects.toThrow(TypeError);
    await expect(
      pool.run(() => {
        throw new RangeError('x');
      }),
    ).rejects.toThrow(RangeError);
    expect(pool.inFlight).toBe(0);
  });

  it('keeps to its concurrency, first come, first served', async () => {
    const { pool, jobs } = make();
    const results = ['a', 'b', 'c', 'd', 'e'].map((name) => pool.run(jobs.job(name)));
    await settled();
    expect(jobs.begun).toEqual(['a', 'b']);
    expect([pool.inFlight, pool.queued]).toEqual([2, 3]);
    await jobs.end('b');
    expect(jobs.begun).toEqual(['a', 'b', 'c']);
    await jobs.fail('c');
    expect(jobs.begun).toEqual(['a', 'b', 'c', 'd']);
    await jobs.end('a');
    expect(jobs.begun).toEqual(['a', 'b', 'c', 'd', 'e']);
    await jobs.end('e');
    await jobs.end('d');
    await expect(results[2]).rejects.toThrow('c');
    expect(await Promise.all([results[0], results[1], results[3], results[4]])).toEqual(['a', 'b', 'd', 'e']);
    expect([pool.inFlight, pool.queued]).toEqual([0, 0]);
  });

  it('hands a thread what it can do in 75 ms, once it knows how long a job takes', async () => {
    const { pool, jobs } = make({ maxQueue: 20 });
    await pool.run(() => after(20, null));
    const names = Array.from({ length: 10 }, (_, i) => `${i}`);
    const results = names.map((name) => pool.run(jobs.job(name)));
    await settled();
    expect(jobs.begun).toEqual(names.slice(0, 6));
    expect([pool.inFlight, pool.queued]).toEqual([6, 4]);
    await jobs.end('0', 500);
    // Longer jobs follow: the threads keep what they have, and get no more until one of them is idle.
    for (const name of names.slice(1, 5)) await jobs.end(name, 500);
    expect(jobs.begun).toEqual(names.slice(0, 7));
    expect([pool.inFlight, pool.queued]).toEqual([2, 3]);
    for (const name of names.slice(5)) await jobs.end(name, 500);
    expect(await Promise.all(results)).toEqual(names);
  });

  it('counts what lies before a thread as waiting where it bounds the queue', async () => {
    const { pool, jobs } = make({ threads: 1, maxQueue: 2 });
    await pool.run(() => after(1, null));
    const admitted = ['a', 'b', 'c'].map((name) => pool.run(jobs.job(name)));
    await settled();
    expect([pool.inFlight, pool.queued]).toEqual([3, 0]);
    await expect(pool.run(jobs.job('d'))).rejects.toMatchObject(overloaded(1));
    for (const name of ['a', 'b', 'c']) await jobs.end(name);
    expect(await Promise.all(admitted)).toEqual(['a', 'b', 'c']);
  });

  it('lets nobody overtake who comes while a slot changes hands', async () => {
    const { pool, jobs } = make({ threads: 1, maxQueue: 20 });
    const admitted = [pool.run(jobs.job('first')), pool.run(jobs.job('second'))];
    await settled();
    const late = Array.from({ length: 10 }, (_, i) => `late ${i}`);
    const ending = jobs.end('first');
    for (const name of late) {
      admitted.push(pool.run(jobs.job(name)));
      await Promise.resolve();
    }
    await ending;
    expect(jobs.begun).toEqual(['first', 'second']);
    expect(pool.inFlight).toBe(1);
    for (const name of ['second', ...late]) await jobs.end(name);
    expect(await Promise.all(admitted)).toEqual(['first', 'second', ...late]);
    expect(jobs.begun).toEqual(['first', 'second', ...late]);
  });

  it('refuses at once beyond its queue, and admits again when there is room', async () => {
    const { pool, jobs } = make();
    const admitted = ['a', 'b', 'c', 'd', 'e'].map((name) => pool.run(jobs.job(name)));
    const refused = await pool.run(jobs.job('f')).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AppError);
    expect(refused).toMatchObject(overloaded(1));
    await jobs.end('a');
    const late = pool.run(jobs.job('g'));
    for (const name of ['b', 'c', 'd', 'e', 'g']) await jobs.end(name);
    expect(await Promise.all([...admitted, late])).toEqual(['a', 'b', 'c', 'd', 'e', 'g']);
    expect(jobs.begun).not.toContain('f');
  });

  it('holds no queue where none is allowed', async () => {
    const { pool, jobs } = make({ threads: 1, maxQueue: 0 });
    const running = pool.run(jobs.job('a'));
    await expect(pool.run(jobs.job('b'))).rejects.toMatchObject(overloaded(1));
    await jobs.end('a');
    expect(await running).toBe('a');
  });

  it('refuses a job when its wait reaches the deadline, and never runs it', async () => {
    const { pool, jobs } = make({ threads: 1, deadlineMs: 500 });
    const running = pool.run(jobs.job('a'));
    const refused = vi.fn<(error: unknown) => void>();
    pool.run(jobs.job('b')).catch(refused);
    await vi.advanceTimersByTimeAsync(499);
    expect(refused).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(refused).toHaveBeenCalledExactlyOnceWith(expect.objectContaining(overloaded(1)));
    expect(pool.queued).toBe(0);
    await jobs.end('a');
    expect(await running).toBe('a');
    expect(jobs.begun).toEqual(['a']);
    expect(pool.inFlight).toBe(0);
  });

  it('does not count the time of a job that runs against the deadline', async () => {
    const { pool, jobs } = make({ threads: 1, deadlineMs: 500 });
    const first = pool.run(jobs.job('a'));
    const second = pool.run(jobs.job('b'));
    await jobs.end('a');
    await vi.advanceTimersByTimeAsync(60_000);
    await jobs.end('b');
    expect(await Promise.all([first, second])).toEqual(['a', 'b']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('refuses at once where the jobs so far tell that the wait will pass the deadline', async () => {
    const { pool, jobs } = make({ threads: 1, maxQueue: 100, deadlineMs: 5000 });
    await pool.run(() => after(2000, null));
    const admitted = ['a', 'b', 'c'].map((name) => pool.run(jobs.job(name))); // c expects to wait 4 s
    await expect(pool.run(jobs.job('d'))).rejects.toMatchObject(overloaded(6));
    for (const name of ['a', 'b', 'c']) await jobs.end(name);
    expect(await Promise.all(admitted)).toEqual(['a', 'b', 'c']);
  });

  it('forgets a slow job: an idle thread is never refused', async () => {
    const { pool, jobs } = make({ threads: 1, deadlineMs: 1000 });
    await pool.run(() => after(4000, null));
    for (let i = 0; i < 10; i++) expect(await pool.run(() => after(10, i))).toBe(i);
    const running = pool.run(jobs.job('a'));
    const waiting = pool.run(jobs.job('b'));
    await jobs.end('a');
    await jobs.end('b');
    expect(await Promise.all([running, waiting])).toEqual(['a', 'b']);
  });

  it('drops a job whose client has gone, and nobody else', async () => {
    const { pool, jobs } = make({ threads: 1 });
    const client = new AbortController();
    const first = pool.run(jobs.job('a'));
    const gone = pool.run(jobs.job('b'), client.signal);
    const last = pool.run(jobs.job('c'));
    client.abort(new Error('client has gone'));
    await expect(gone).rejects.toThrow('client has gone');
    expect(pool.queued).toBe(1);
    await jobs.end('a');
    await jobs.end('c');
    expect(await Promise.all([first, last])).toEqual(['a', 'c']);
    expect(jobs.begun).toEqual(['a', 'c']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not begin for a client that had gone before', async () => {
    const { pool, jobs } = make();
    await expect(pool.run(jobs.job('a'), AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
    expect(jobs.begun).toEqual([]);
    expect(pool.inFlight).toBe(0);
  });

  it('ends what runs, though its client has gone', async () => {
    const { pool, jobs } = make();
    const client = new AbortController();
    const running = pool.run(jobs.job('a'), client.signal);
    client.abort();
    await jobs.end('a');
    expect(await running).toBe('a');
    expect(pool.inFlight).toBe(0);
  });

  it.each([0, -1, Number.NaN])('refuses a pool of %s threads, at which nothing would ever run', (threads) => {
    expect(() => make({ threads })).toThrow(RangeError);
  });
});
