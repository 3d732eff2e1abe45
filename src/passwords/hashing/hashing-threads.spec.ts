import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { HashingThreads, type HashingThreadsOptions } from './hashing-threads.js';
import { createDecoy, type HashParameters } from './password-hash.js';

const PASSWORD = 'correct horse battery staple';
const CHEAP = { memoryKib: 64, passes: 1, parallelism: 1 };
const DEAR = { memoryKib: 65_536, passes: 3, parallelism: 1 };

describe('HashingThreads', () => {
  let threads: HashingThreads;
  const start = (parameters: HashParameters, options: Partial<HashingThreadsOptions> = {}) =>
    (threads = new HashingThreads({ count: 1, parameters, firebase: null, holdMs: 75, idleMs: 60_000, ...options }));
  afterEach(() => threads.close());

  it('hash and verify, and say how long it took', async () => {
    start(CHEAP);
    const { value: hash, elapsedMs } = await threads.perform('hash', PASSWORD);
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
    expect(elapsedMs).toBeGreaterThan(0);
    expect((await threads.perform('verify', hash, [PASSWORD])).value).toBe(true);
    expect((await threads.perform('verify', hash, ['wrong', PASSWORD])).value).toBe(true);
    expect((await threads.perform('verify', hash, ['wrong'])).value).toBe(false);
  });

  it('leave the event loop free', async () => {
    start(DEAR);
    let turns = 0;
    const hashing = threads.perform('hash', PASSWORD).finally(() => clearInterval(counting));
    const counting = setInterval(() => turns++, 1);
    const { elapsedMs } = await hashing;
    expect(turns).toBeGreaterThan(elapsedMs / 20);
  });

  it('hold results back while there is more to do, and hand them out together', async () => {
    start(DEAR, { holdMs: 60_000 });
    const settled = counter();
    await Promise.all(Array.from({ length: 5 }, () => threads.perform('hash', PASSWORD).then(settled.count)));
    expect(await settled.inTheFirstTurn()).toBe(5);
  });

  it('hold nothing back for longer than they are told', async () => {
    start(DEAR, { holdMs: 0 });
    const settled = counter();
    await Promise.all(Array.from({ length: 5 }, () => threads.perform('hash', PASSWORD).then(settled.count)));
    expect(await settled.inTheFirstTurn()).toBe(1);
  });

  it('hold nothing back for a hash of another cost', async () => {
    start(CHEAP, { holdMs: 60_000 });
    const settled = counter();
    await Promise.all([
      threads.perform('hash', PASSWORD).then(settled.count),
      threads.perform('hash', PASSWORD).then(settled.count),
      threads.perform('verify', createDecoy(DEAR), [PASSWORD]).then(settled.count),
    ]);
    expect(await settled.inTheFirstTurn()).toBe(2);
  });

  it('take as long for a wrong guess at a cheap foreign hash as where there is no account', async () => {
    start(DEAR);
    const best = async (hash: string): Promise<number> => {
      const runs = Array.from({ length: 5 }, () => threads.perform('verify', hash, ['wrong']));
      return Math.min(...(await Promise.all(runs)).map(({ elapsedMs }) => elapsedMs));
    };
    const unknown = await best(createDecoy(DEAR));
    // One SHA-1 takes a ten thousandth of it.
    expect(await best('{SSHA}x7mdQRljZ5HqaaTfk9Nv8Kank0kyxrj3')).toBeGreaterThan(unknown / 10);
    expect(await best('what cannot be read')).toBeGreaterThan(unknown / 10);
  });

  it('share the work', async () => {
    start(CHEAP, { count: 2 });
    const order: string[] = [];
    await Promise.all([
      threads.perform('verify', createDecoy({ ...DEAR, passes: 20 }), [PASSWORD]).then(() => order.push('dear')),
      threads.perform('hash', PASSWORD).then(() => order.push('cheap')),
    ]);
    expect(order).toEqual(['cheap', 'dear']);
  });

  it('reject what fails, and go on', async () => {
    start(CHEAP);
    const { value: hash } = await threads.perform('hash', PASSWORD);
    await expect(threads.perform('verify', hash, [null as never])).rejects.toThrow('none of these types');
    expect((await threads.perform('verify', hash, [PASSWORD])).value).toBe(true);
  });

  it('reject what a thread was at when it ends, and begin another', async () => {
    start(DEAR);
    const lost = Promise.allSettled([1, 2].map(() => threads.perform('hash', PASSWORD)));
    await threads.close();
    for (const { status } of await lost) expect(status).toBe('rejected');
    expect((await threads.perform('hash', PASSWORD)).value).toContain('argon2id');
  });

  it('end when they have had nothing to do for a while, and begin again', async () => {
    start(CHEAP, { idleMs: 100 });
    const running = () => threads['threads'].size;
    await threads.perform('hash', PASSWORD);
    expect(running()).toBe(1);
    while (running() > 0) await sleep(5);
    expect((await threads.perform('hash', PASSWORD)).value).toContain('argon2id');
  });

  it('do not end in the middle of something', async () => {
    start(DEAR, { idleMs: 1 });
    for (let i = 0; i < 3; i++) {
      const hashes = await Promise.all([1, 2, 3].map(() => threads.perform('hash', PASSWORD)));
      for (const { value } of hashes) expect(value).toContain('argon2id');
    }
  });
});

/** Counts, and remembers how far it had come by the end of the turn of the event loop in which it began. */
function counter() {
  let count = 0;
  let first = 0;
  return {
    count: () => {
      if (++count === 1) setImmediate(() => (first = count));
    },
    inTheFirstTurn: () => new Promise((resolve) => setImmediate(() => resolve(first))),
  };
}
