import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError, type ErrorCode } from '../../common/errors.js';
import { loadConfig } from '../../platform/config/config.js';
import { MemoryStore } from '../../platform/rate-limit/limiter-store.js';
import { RateLimiter } from '../../platform/rate-limit/rate-limiter.js';
import { AttemptLimits, type LoginAttempt } from './attempt-limits.js';
import { Metrics } from '../../platform/telemetry/metrics.js';

const SECRET_KEY = Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString('base64');
const ALICE = 'alice@example.com';

let limits: AttemptLimits;
let headers: Record<string, string>;
const sink = { header: (name: string, value: string) => (headers[name] = value) };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  limits = new AttemptLimits(
    new RateLimiter(loadConfig({ NODE_ENV: 'test', SECRET_KEY }), new MemoryStore(), new Metrics()),
  );
  headers = {};
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);

const fail = (code: ErrorCode) => (): Promise<never> => Promise.reject(new AppError(code));
const guess = fail('invalid_credentials');
const succeed = () => Promise.resolve();

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

const addressOf = (i: number) => `198.51.${Math.floor(i / 250)}.${(i % 250) + 1}`;
const login = (fields: Partial<LoginAttempt> = {}): LoginAttempt => ({
  account: ALICE,
  address: '203.0.113.7',
  knownDevice: null,
  ...fields,
});

describe('guessing the password of one account', () => {
  it('is limited, from however many networks', async () => {
    expect(await admitted(200, (i) => limits.login(login({ address: addressOf(i) }), guess, sink))).toBe(10);
  });

  it('is limited for addresses without an account just the same', async () => {
    const account = 'nobody@example.com';
    expect(await admitted(200, (i) => limits.login(login({ account, address: addressOf(i) }), guess, sink))).toBe(10);
  });

  it('takes ever longer, and is never over for good', async () => {
    for (const wait of [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]) {
      let i = 0;
      while (await isAdmitted(limits.login(login({ address: addressOf(i) }), guess, sink))) i++;
      expect(i).toBeGreaterThanOrEqual(1);
      expect(i).toBeLessThanOrEqual(10);
      expect(headers.RateLimit).toBe(`"login-account";r=0;t=${wait}`);
      pass(wait);
    }
  });
});

describe('strangers who guess', () => {
  const strangers = (count: number) =>
    admitted(count, (i) => limits.login(login({ address: addressOf(i) }), guess, sink));

  it('do not lock the owner out of a device that has signed in before', async () => {
    await strangers(100);
    expect(await isAdmitted(limits.login(login(), guess, sink))).toBe(false);
    expect(await isAdmitted(limits.login(login({ knownDevice: 'd1' }), guess, sink))).toBe(true);
  });

  it('do not do so from the same network either, nor gain by what is done there', async () => {
    const neighbours = (i: number) => limits.login(login({ account: `user${i}@example.com` }), guess, sink);
    const own = login({ knownDevice: 'd1' });
    await admitted(60, neighbours);
    for (let i = 0; i < 20; i++) {
      expect(await isAdmitted(limits.login(own, succeed, sink))).toBe(true);
    }
    expect(await admitted(20, neighbours)).toBe(0);
  });

  it('gain nothing by a success of the owner on such a device', async () => {
    await strangers(11);
    const own = login({ knownDevice: 'd1' });
    await limits.login(own, succeed, sink);
    expect(await strangers(20)).toBe(0);
  });

  it('do not get unlimited attempts with a stolen device', async () => {
    const stolen = (i: number) => limits.login(login({ address: addressOf(i), knownDevice: 'd1' }), guess, sink);
    expect(await admitted(50, stolen)).toBe(10);
  });
});

describe('guessing many accounts from one network', () => {
  const spray = (address: string) => (i: number) =>
    limits.login(login({ account: `user${i}@example.com`, address }), guess, sink);

  it('is limited', async () => expect(await admitted(200, spray('203.0.113.7'))).toBe(50));

  it('is limited over all addresses of an IPv6 /64', async () => {
    const roaming = (i: number) => spray(`2001:db8:1:2::${i.toString(16)}`)(i);
    expect(await admitted(200, roaming)).toBe(50);
  });

  it('leaves other networks alone', async () => {
    await admitted(60, spray('203.0.113.7'));
    expect(await isAdmitted(limits.login(login({ address: '203.0.113.8' }), guess, sink))).toBe(true);
  });

  it('does not count against accounts once it is refused', async () => {
    await admitted(50, spray('203.0.113.7'));
    await admitted(50, () => limits.login(login(), guess, sink));
    expect(await isAdmitted(limits.login(login({ address: '203.0.113.8' }), guess, sink))).toBe(true);
  });
});

describe('signing in', () => {
  it('does not use up the limits of an office', async () => {
    for (let i = 0; i < 200; i++) {
      const attempt = login({ account: `user${i}@example.com` });
      expect(await isAdmitted(limits.login(attempt, succeed, sink))).toBe(true);
    }
  });

  it('forgets the failures before', async () => {
    expect(await admitted(9, () => limits.login(login(), guess, sink))).toBe(9);
    await limits.login(login(), succeed, sink);
    expect(await admitted(11, () => limits.login(login(), guess, sink))).toBe(10);
  });
});

describe('registering', () => {
  it('is limited by account and by network', async () => {
    expect(await admitted(20, (i) => limits.register(ALICE, addressOf(i), succeed, sink))).toBe(5);
    const accounts = (i: number) => limits.register(`user${i}@example.com`, '203.0.113.7', succeed, sink);
    expect(await admitted(50, accounts)).toBe(20);
  });

  it('from a network that is refused counts against nobody, and leaves nothing in memory', async () => {
    await admitted(20, (i) => limits.register(`user${i}@example.com`, '203.0.113.7', succeed, sink));
    expect(await admitted(20, () => limits.register(ALICE, '203.0.113.7', succeed, sink))).toBe(0);
    expect(await isAdmitted(limits.register(ALICE, '203.0.113.8', succeed, sink))).toBe(true);
  });
});

describe('guessing the current password', () => {
  it('is limited by user and by network, until it is known', async () => {
    expect(await admitted(20, (i) => limits.password('u1', addressOf(i), fail('wrong_password'), sink))).toBe(5);
    expect(await admitted(80, (i) => limits.password(`v${i}`, '203.0.113.7', fail('wrong_password'), sink))).toBe(50);
    pass(30);
    await limits.password('u1', '203.0.113.9', succeed, sink);
    expect(await admitted(6, () => limits.password('u1', '203.0.113.9', fail('wrong_password'), sink))).toBe(5);
  });

  it('does not begin with knowing it: changes that succeed use up nothing', async () => {
    for (let i = 0; i < 60; i++) {
      expect(await isAdmitted(limits.password('u1', '203.0.113.7', succeed, sink))).toBe(true);
    }
  });
});

describe('an attempt that tests no secret', () => {
  const HONEST: ErrorCode[] = ['invalid_request', 'overloaded', 'unavailable', 'internal', 'use_dpop_nonce'];

  it.each(HONEST)('is given back by every limit: %s', async (code) => {
    for (let i = 0; i < 60; i++) {
      expect(await isAdmitted(limits.login(login(), fail(code), sink))).toBe(true);
      expect(await isAdmitted(limits.login(login({ knownDevice: 'd1' }), fail(code), sink))).toBe(true);
      expect(await isAdmitted(limits.password('u1', '203.0.113.7', fail(code), sink))).toBe(true);
      expect(await isAdmitted(limits.register(ALICE, '203.0.113.7', fail(code), sink))).toBe(true);
    }
  });

  it('is given back where something unforeseen is thrown, too', async () => {
    for (let i = 0; i < 60; i++) {
      const broken = limits.password('u1', '203.0.113.7', () => Promise.reject(new TypeError('ours')), sink);
      await expect(broken).rejects.toThrow('ours');
    }
  });

  it('forgives no guess', async () => {
    const mixed = (i: number) => limits.password('u1', addressOf(i), i % 2 ? guess : fail('invalid_request'), sink);
    expect(await admitted(100, mixed)).toBe(10);
  });

  it('is not counted against a network because an account is refused', async () => {
    await admitted(100, () => limits.login(login(), guess, sink));
    expect(await isAdmitted(limits.login(login({ account: 'bob@example.com' }), guess, sink))).toBe(true);
  });

  it('leaves nothing behind where a whole office comes at once', async () => {
    const release = Promise.withResolvers<void>();
    const office = Array.from({ length: 80 }, (_, i) =>
      isAdmitted(limits.login(login({ account: `user${i}@example.com` }), () => release.promise, sink)),
    );
    release.resolve();
    expect((await Promise.all(office)).filter(Boolean)).toHaveLength(50);
    const spray = (i: number) => limits.login(login({ account: `other${i}@example.com` }), guess, sink);
    expect(await admitted(100, spray)).toBe(50);
  });
});

describe('every refusal', () => {
  it.each<[string, (i: number) => Promise<unknown>]>([
    ['login-account', (i) => limits.login(login({ address: addressOf(i) }), guess, sink)],
    ['login-device', (i) => limits.login(login({ address: addressOf(i), knownDevice: 'd1' }), guess, sink)],
    ['login-network', (i) => limits.login(login({ account: `u${i}@example.com` }), guess, sink)],
    ['register-account', (i) => limits.register(ALICE, addressOf(i), succeed, sink)],
    ['register-network', (i) => limits.register(`u${i}@example.com`, '203.0.113.7', succeed, sink)],
    ['password-account', (i) => limits.password('u1', addressOf(i), fail('wrong_password'), sink)],
    ['password-network', (i) => limits.password(`u${i}`, '203.0.113.7', fail('wrong_password'), sink)],
  ])('carries the headers of its limit: %s', async (name, attempt) => {
    let i = 0;
    while (i < 1_000 && (await isAdmitted(attempt(i)))) i++;
    expect(headers['RateLimit-Policy']).toMatch(new RegExp(`^"${name}";q=${i};w=\\d+$`));
    expect(headers.RateLimit).toMatch(new RegExp(`^"${name}";r=0;t=[1-9]\\d*$`));
  });
});
