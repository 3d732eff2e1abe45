import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError, type ErrorCode } from '../../common/errors.js';
import { loadConfig } from '../../platform/config/config.js';
import { MemoryStore } from '../../platform/rate-limit/limiter-store.js';
import { RateLimiter } from '../../platform/rate-limit/rate-limiter.js';
import { RefreshLimits } from './refresh-limits.js';
import { Metrics } from '../../platform/telemetry/metrics.js';

const SECRET_KEY = Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString('base64');

let limits: RefreshLimits;
let headers: Record<string, string>;
const sink = { header: (name: string, value: string) => (headers[name] = value) };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  limits = new RefreshLimits(
    new RateLimiter(loadConfig({ NODE_ENV: 'test', SECRET_KEY }), new MemoryStore(), new Metrics()),
  );
  headers = {};
});
afterEach(() => {
  vi.useRealTimers();
});

const fail = (code: ErrorCode) => (): Promise<never> => Promise.reject(new AppError(code));
const stale = fail('refresh_token_invalid');

async function isAdmitted(attempt: Promise<unknown>): Promise<boolean> {
  headers = {};
  try {
    await attempt;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code !== 'rate_limited') return true;
    expect(error.retryAfterSeconds).toBeGreaterThan(0);
    return false;
  }
  return true;
}
/** Makes `count` attempts, one after the other, and returns how many are admitted. */
async function admitted(count: number, attempt: (i: number) => Promise<unknown>): Promise<number> {
  let number = 0;
  for (let i = 0; i < count; i++) if (await isAdmitted(attempt(i))) number++;
  return number;
}
const addressOf = (i: number) => `198.51.${Math.floor(i / 256)}.${i % 256}`;

describe('refreshing', () => {
  it('that fails is limited by session and by network', async () => {
    expect(await admitted(100, (i) => limits.refresh('s1', addressOf(i), stale, sink))).toBe(60);
    expect(await admitted(400, (i) => limits.refresh(`s${i + 2}`, '203.0.113.7', stale, sink))).toBe(300);
  });

  it('with what is no token counts for the network', async () => {
    expect(await admitted(400, () => limits.refresh(null, '203.0.113.7', stale, sink))).toBe(300);
    expect(await isAdmitted(limits.refresh('s1', '203.0.113.7', stale, sink))).toBe(false);
    expect(await isAdmitted(limits.refresh('s1', '203.0.113.8', stale, sink))).toBe(true);
  });

  it('that succeeds uses up nothing', async () => {
    for (let i = 0; i < 500; i++) {
      await limits.refresh('s1', '203.0.113.7', () => Promise.resolve(), sink);
    }
    expect(await admitted(100, () => limits.refresh('s1', '203.0.113.7', stale, sink))).toBe(60);
  });

  it.each<ErrorCode>(['use_dpop_nonce', 'unavailable', 'internal'])(
    'that tests no token does not either: %s',
    async (code) => {
      expect(await admitted(400, () => limits.refresh('s1', '203.0.113.7', fail(code), sink))).toBe(400);
    },
  );

  it.each<[string, (i: number) => Promise<unknown>]>([
    ['refresh-session', (i) => limits.refresh('s1', addressOf(i), stale, sink)],
    ['refresh-network', (i) => limits.refresh(`s${i}`, '203.0.113.7', stale, sink)],
  ])('says by which limit it was refused: %s', async (name, attempt) => {
    let i = 0;
    while (i < 1_000 && (await isAdmitted(attempt(i)))) i++;
    expect(headers['RateLimit-Policy']).toMatch(new RegExp(`^"${name}";q=${i};w=\\d+$`));
    expect(headers['RateLimit']).toMatch(new RegExp(`^"${name}";r=0;t=[1-9]\\d*$`));
  });
});
