import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../common/errors.js';
import { loadConfig } from '../config/config.js';
import { MemoryStore } from './limiter-store.js';
import type { Policy } from './policy.js';
import { RateLimiter } from './rate-limiter.js';
import { Metrics } from '../telemetry/metrics.js';

const SECRET_KEY = Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString('base64');
const limiterWith = (rateLimits: 'true' | 'false') =>
  new RateLimiter(
    loadConfig({ NODE_ENV: 'test', SECRET_KEY, RATE_LIMITS: rateLimits }),
    new MemoryStore(),
    new Metrics(),
  );

const PLAIN: Policy = { name: 'plain', counts: 'user', attempts: 3, window: 60 };
const GROWING: Policy = {
  name: 'growing',
  counts: 'user',
  attempts: 3,
  window: 900,
  growingWait: { first: 30, longest: 200 },
};

let limiter: RateLimiter;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  limiter = limiterWith('true');
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);

/** Makes an attempt. Returns null where it is admitted, else the seconds to wait. */
async function attempt(policy: Policy, key = 'alice'): Promise<number | null> {
  try {
    await limiter.consume(policy, key);
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe('rate_limited');
    return (error as AppError).retryAfterSeconds!;
  }
}
const attempts = async (policy: Policy, count: number, key?: string) => {
  const waits: (number | null)[] = [];
  for (let i = 0; i < count; i++) waits.push(await attempt(policy, key));
  return waits;
};

describe('a limit', () => {
  it('admits so many attempts within its window, and says how long to wait for the next', async () => {
    expect(await attempts(PLAIN, 4)).toEqual([null, null, null, 60]);
    pass(20.5);
    expect(await attempt(PLAIN)).toBe(40);
    pass(39.4);
    expect(await attempt(PLAIN)).toBe(1);
    pass(0.2);
    expect(await attempts(PLAIN, 4)).toEqual([null, null, null, 60]);
  });

  it('is not put off by attempts that it has refused', async () => {
    await attempts(PLAIN, 3);
    for (let i = 0; i < 59; i++) {
      pass(1);
      expect(await attempt(PLAIN)).toBe(59 - i);
    }
    pass(1);
    expect(await attempt(PLAIN)).toBeNull();
  });

  it('admits exactly so many of any number at once', async () => {
    const waits = await Promise.all(Array.from({ length: 100 }, () => attempt(PLAIN)));
    expect(waits.filter((wait) => wait === null)).toHaveLength(3);
    expect(waits.filter((wait) => wait === 60)).toHaveLength(97);
  });

  it('counts every key and every policy by itself', async () => {
    const other: Policy = { ...PLAIN, name: 'other' };
    await attempts(PLAIN, 4, 'alice');
    expect(await attempts(PLAIN, 3, 'bob')).toEqual([null, null, null]);
    expect(await attempts(other, 3, 'alice')).toEqual([null, null, null]);
  });
});

describe('a growing wait', () => {
  /** Makes attempts until the wait begins, and returns the wait. */
  async function exhaust(policy = GROWING, key?: string): Promise<number> {
    for (let i = 0; i <= policy.attempts; i++) {
      const wait = await attempt(policy, key);
      if (wait !== null) return wait;
    }
    throw new Error('there is no end of attempts');
  }

  it('doubles every time, up to the longest', async () => {
    for (const wait of [30, 60, 120, 200, 200, 200]) {
      expect(await exhaust()).toBe(wait);
      pass(wait);
    }
  });

  it('lets nobody through before it is over, and somebody after', async () => {
    for (const wait of [30, 60, 120]) {
      expect(await exhaust()).toBe(wait);
      pass(wait - 0.1);
      expect(await attempt(GROWING)).toBe(1);
      pass(0.1);
      expect(await attempt(GROWING)).toBeNull();
    }
  });

  it('leaves one attempt at a time after the first', async () => {
    expect(await attempts(GROWING, 4)).toEqual([null, null, null, 30]);
    pass(30);
    expect(await attempts(GROWING, 2)).toEqual([null, 60]);
    pass(60);
    expect(await attempts(GROWING, 2)).toEqual([null, 120]);
  });

  it('does not grow by attempts while it lasts', async () => {
    await exhaust();
    pass(10);
    expect(await attempts(GROWING, 20)).toEqual(Array(20).fill(20));
    pass(20);
    expect(await exhaust()).toBe(60);
  });

  it('grows once for any number of attempts at once', async () => {
    const waits = await Promise.all(Array.from({ length: 100 }, () => attempt(GROWING)));
    expect(waits.filter((wait) => wait === null)).toHaveLength(3);
    expect(await attempt(GROWING)).toBe(30);
    pass(30);
    const again = await Promise.all(Array.from({ length: 100 }, () => attempt(GROWING)));
    expect(again.filter((wait) => wait === null).length).toBeLessThanOrEqual(3);
    expect(await attempt(GROWING)).toBe(60);
  });

  it('stays bearable after any number of rounds', async () => {
    const patient: Policy = { ...GROWING, attempts: 1, growingWait: { first: 1, longest: 8 } };
    for (let i = 0; i < 1_100; i++) pass(await exhaust(patient));
    expect(await exhaust(patient)).toBe(8);
  });

  it('is forgotten after a day', async () => {
    expect(await exhaust()).toBe(30);
    pass(24 * 3600 + 1);
    expect(await exhaust()).toBe(30);
  });

  it('is remembered when the window is over', async () => {
    expect(await exhaust()).toBe(30);
    pass(23 * 3600);
    expect(await exhaust()).toBe(60);
  });

  it('is of one key', async () => {
    expect(await exhaust(GROWING, 'alice')).toBe(30);
    pass(30);
    expect(await exhaust(GROWING, 'bob')).toBe(30);
    expect(await exhaust(GROWING, 'alice')).toBe(60);
  });
});

describe('a success', () => {
  it('forgets the failures before it', async () => {
    await attempts(GROWING, 2);
    await limiter.reset(GROWING, 'alice');
    expect(await attempts(GROWING, 4)).toEqual([null, null, null, 30]);
  });

  it('forgets the waits before it', async () => {
    await attempts(GROWING, 4);
    pass(30);
    await limiter.reset(GROWING, 'alice');
    expect(await attempts(GROWING, 4)).toEqual([null, null, null, 30]);
  });

  it('is of one key and one policy', async () => {
    await attempts(PLAIN, 3, 'alice');
    await limiter.reset(PLAIN, 'bob');
    await limiter.reset(GROWING, 'alice');
    expect(await attempt(PLAIN, 'alice')).toBe(60);
  });
});

describe('an attempt that is given back', () => {
  it('does not count', async () => {
    await attempts(PLAIN, 3);
    await limiter.giveBack(PLAIN, 'alice');
    expect(await attempts(PLAIN, 2)).toEqual([null, 60]);
  });

  it('is one, and no more', async () => {
    await attempts(PLAIN, 2);
    await limiter.giveBack(PLAIN, 'alice');
    expect(await attempts(PLAIN, 3)).toEqual([null, null, 60]);
  });

  it('does not prolong the window', async () => {
    await attempts(PLAIN, 3);
    pass(50);
    await limiter.giveBack(PLAIN, 'alice');
    expect(await attempts(PLAIN, 2)).toEqual([null, 10]);
  });

  it('never makes more of the limit than it is', async () => {
    await attempts(PLAIN, 3);
    pass(61);
    for (let i = 0; i < 3; i++) await limiter.giveBack(PLAIN, 'alice');
    expect(await attempts(PLAIN, 4)).toEqual([null, null, null, 60]);
  });
});

describe('the RateLimit headers', () => {
  const headersOf = async (policy: Policy) => {
    const headers: Record<string, string> = {};
    const sink = { header: (name: string, value: string) => (headers[name] = value) };
    await limiter.consume(policy, 'alice', sink).catch(() => undefined);
    return headers;
  };

  it('say what is left, and when it is renewed', async () => {
    expect(await headersOf(PLAIN)).toEqual({ 'RateLimit-Policy': '"plain";q=3;w=60', RateLimit: '"plain";r=2;t=60' });
    pass(19.5);
    expect((await headersOf(PLAIN)).RateLimit).toBe('"plain";r=1;t=41');
    expect((await headersOf(PLAIN)).RateLimit).toBe('"plain";r=0;t=41');
  });

  it('say so where nothing is left', async () => {
    await attempts(PLAIN, 3);
    expect(await headersOf(PLAIN)).toEqual({ 'RateLimit-Policy': '"plain";q=3;w=60', RateLimit: '"plain";r=0;t=60' });
  });

  it('say the wait where it grows', async () => {
    await attempts(GROWING, 3);
    expect((await headersOf(GROWING)).RateLimit).toBe('"growing";r=0;t=30');
    pass(10);
    expect((await headersOf(GROWING)).RateLimit).toBe('"growing";r=0;t=20');
  });
});

describe('limits that are switched off', () => {
  it('admit everything, and say nothing of limits', async () => {
    limiter = limiterWith('false');
    expect(await attempts(GROWING, 100)).toEqual(Array(100).fill(null));
    const headers: string[] = [];
    await limiter.consume(GROWING, 'alice', { header: (name) => headers.push(name) });
    await limiter.giveBack(GROWING, 'alice');
    await limiter.reset(GROWING, 'alice');
    expect(headers).toEqual([]);
  });
});
