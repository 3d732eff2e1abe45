import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AttemptLimits } from '../../src/auth/sign-in/attempt-limits.js';
import { AppError } from '../../src/common/errors.js';
import { loadConfig } from '../../src/platform/config/config.js';
import { MemoryStore } from '../../src/platform/rate-limit/limiter-store.js';
import { RateLimiter } from '../../src/platform/rate-limit/rate-limiter.js';
import { testEnvironment } from '../support/environment.js';
import { Metrics } from '../../src/platform/telemetry/metrics.js';

// Hours of waiting, so without HTTP, on a clock that is moved.
describe('guessing on and on', () => {
  let limits: AttemptLimits;
  let attempts = 0;
  beforeEach(() => {
    vi.useFakeTimers();
    limits = new AttemptLimits(new RateLimiter(loadConfig(testEnvironment()), new MemoryStore(), new Metrics()));
  });
  afterEach(() => vi.useRealTimers());

  const attempt = () => {
    const address = `10.${++attempts >> 8}.${attempts & 255}.1`;
    return { account: 'alice@example.com', address, knownDevice: null };
  };
  const sink = { header: () => undefined };
  const isWrong = () => Promise.reject(new AppError('invalid_credentials'));
  /** Seconds to wait; 0 where the attempt went on to the hash. */
  const guess = async (): Promise<number> => {
    const error: unknown = await limits.login(attempt(), isWrong, sink).catch((reason: unknown) => reason);
    expect((error as AppError).code).toMatch(/^(invalid_credentials|rate_limited)$/);
    return (error as AppError).retryAfterSeconds ?? 0;
  };
  /** Guesses until the wait comes, and passes it. */
  async function guessUntilRefused(): Promise<{ heard: number; wait: number }> {
    let heard = 0;
    let wait = await guess();
    for (; wait === 0 && heard < 20; wait = await guess()) heard++;
    vi.advanceTimersByTime(wait * 1000 - 1000);
    expect(await guess()).toBe(1); // announced and real are the same, and asking meanwhile does not prolong it
    vi.advanceTimersByTime(1000);
    return { heard, wait };
  }

  it('waits grow from half a minute to an hour, and no further', async () => {
    const waits: number[] = [];
    for (let turn = 0; turn < 10; turn++) {
      const { heard, wait } = await guessUntilRefused();
      expect(heard).toBeGreaterThanOrEqual(1); // nobody is locked out for good
      expect(heard).toBeLessThanOrEqual(10);
      waits.push(wait);
    }
    expect(waits).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
  });

  it('a whole day of it yields fewer than a hundred guesses', async () => {
    let guesses = 0;
    for (let seconds = 0; seconds < 86_400;) {
      const { heard, wait } = await guessUntilRefused();
      guesses += heard;
      seconds += wait;
    }
    expect(guesses).toBeGreaterThan(0);
    expect(guesses).toBeLessThan(100);
  });

  it('a success forgets them', async () => {
    expect(await guessUntilRefused()).toMatchObject({ wait: 30 });
    expect(await guessUntilRefused()).toMatchObject({ wait: 60 });
    await limits.login(attempt(), () => Promise.resolve(), sink);
    expect(await guessUntilRefused()).toMatchObject({ wait: 30 });
  });
});
