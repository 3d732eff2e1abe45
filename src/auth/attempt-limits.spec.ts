import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../common/errors.js';
import { loadConfig } from '../platform/config/config.js';
import { MemoryStore } from '../platform/rate-limit/limiter-store.js';
import { RateLimiter } from '../platform/rate-limit/rate-limiter.js';
import { AttemptLimits, type LoginAttempt } from './attempt-limits.js';

const SECRET_KEY = Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString('base64');
const ALICE = 'alice@example.com';

let limits: AttemptLimits;
let headers: Record<string, string>;
const sink = { header: (name: string, value: string) => (headers[name] = value) };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  limits = new AttemptLimits(new RateLimiter(loadConfig({ NODE_ENV: 'test', SECRET_KEY }), new MemoryStore()));
  headers = {};
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);

async function isAdmitted(attempt: Promise<void>): Promise<boolean> {
  headers = {};
  try {
    await attempt;
    return true;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'rate_limited') throw error;
    expect(error.retryAfterSeconds).toBeGreaterThan(0);
    return false;
  }
}
/** How many of so many attempts, one after the other, are admitted. */
async function admitted(count: number, attempt: (i: number) => Promise<void>): Promise<number> {
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
    expect(await admitted(200, (i) => limits.login(login({ address: addressOf(i) }), sink))).toBe(10);
  });

  it('is limited for addresses without an account just the same', async () => {
    const account = 'nobody@example.com';
    expect(await admitted(200, (i) => limits.login(login({ account, address: addressOf(i) }), sink))).toBe(10);
  });

  it('takes ever longer, and is never over for good', async () => {
    for (const wait of [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]) {
      let i = 0;
      while (await isAdmitted(limits.login(login({ address: addressOf(i) }), sink))) i++;
      expect(i).toBeGreaterThanOrEqual(1);
      expect(i).toBeLessThanOrEqual(10);
      expect(headers.RateLimit).toBe(`"login-account";r=0;t=${wait}`);
      pass(wait);
    }
  });
});

describe('strangers who guess', () => {
  const strangers = (count: number) => admitted(count, (i) => limits.login(login({ address: addressOf(i) }), sink));

  it('do not lock the owner out of a device that has signed in before', async () => {
    await strangers(100);
    expect(await isAdmitted(limits.login(login(), sink))).toBe(false);
    expect(await isAdmitted(limits.login(login({ knownDevice: 'd1' }), sink))).toBe(true);
  });

  it('do not do so from the same network either, nor gain by what is done there', async () => {
    const neighbours = (i: number) => limits.login(login({ account: `user${i}@example.com` }), sink);
    const own = login({ knownDevice: 'd1' });
    await admitted(60, neighbours);
    for (let i = 0; i < 20; i++) {
      expect(await isAdmitted(limits.login(own, sink))).toBe(true);
      await limits.loginSucceeded(own);
    }
    expect(await admitted(20, neighbours)).toBe(0);
  });

  it('gain nothing by a success of the owner on such a device', async () => {
    await strangers(11);
    const own = login({ knownDevice: 'd1' });
    await limits.login(own, sink);
    await limits.loginSucceeded(own);
    expect(await strangers(20)).toBe(0);
  });

  it('do not get unlimited attempts with a stolen device', async () => {
    const stolen = (i: number) => limits.login(login({ address: addressOf(i), knownDevice: 'd1' }), sink);
    expect(await admitted(50, stolen)).toBe(10);
  });
});

describe('guessing many accounts from one network', () => {
  const spray = (address: string) => (i: number) =>
    limits.login(login({ account: `user${i}@example.com`, address }), sink);

  it('is limited', async () => expect(await admitted(200, spray('203.0.113.7'))).toBe(50));

  it('is limited over all addresses of an IPv6 /64', async () => {
    const roaming = (i: number) => spray(`2001:db8:1:2::${i.toString(16)}`)(i);
    expect(await admitted(200, roaming)).toBe(50);
  });

  it('leaves other networks alone', async () => {
    await admitted(60, spray('203.0.113.7'));
    expect(await isAdmitted(limits.login(login({ address: '203.0.113.8' }), sink))).toBe(true);
  });

  it('does not count against accounts once it is refused', async () => {
    await admitted(50, spray('203.0.113.7'));
    await admitted(50, () => limits.login(login(), sink));
    expect(await isAdmitted(limits.login(login({ address: '203.0.113.8' }), sink))).toBe(true);
  });
});

describe('signing in', () => {
  it('does not use up the limits of an office', async () => {
    for (let i = 0; i < 200; i++) {
      const attempt = login({ account: `user${i}@example.com` });
      expect(await isAdmitted(limits.login(attempt, sink))).toBe(true);
      await limits.loginSucceeded(attempt);
    }
  });

  it('forgets the failures before', async () => {
    expect(await admitted(9, () => limits.login(login(), sink))).toBe(9);
    await limits.login(login(), sink);
    await limits.loginSucceeded(login());
    expect(await admitted(11, () => limits.login(login(), sink))).toBe(10);
  });
});

describe('registering', () => {
  it('is limited by account and by network', async () => {
    expect(await admitted(20, (i) => limits.register(ALICE, addressOf(i), sink))).toBe(5);
    const accounts = (i: number) => limits.register(`user${i}@example.com`, '203.0.113.7', sink);
    expect(await admitted(50, accounts)).toBe(20);
  });

  it('from a network that is refused counts against nobody, and leaves nothing in memory', async () => {
    await admitted(20, (i) => limits.register(`user${i}@example.com`, '203.0.113.7', sink));
    expect(await admitted(20, () => limits.register(ALICE, '203.0.113.7', sink))).toBe(0);
    expect(await isAdmitted(limits.register(ALICE, '203.0.113.8', sink))).toBe(true);
  });
});

describe('guessing the current password', () => {
  it('is limited by user and by network, until it is known', async () => {
    expect(await admitted(20, (i) => limits.passwordChange('u1', addressOf(i), sink))).toBe(5);
    expect(await admitted(80, (i) => limits.passwordChange(`v${i}`, '203.0.113.7', sink))).toBe(50);
    pass(30);
    await limits.passwordChange('u1', '203.0.113.9', sink);
    await limits.passwordChangeSucceeded('u1', '203.0.113.9');
    expect(await admitted(6, () => limits.passwordChange('u1', '203.0.113.9', sink))).toBe(5);
  });

  it('does not begin with knowing it: changes that succeed use up nothing', async () => {
    for (let i = 0; i < 60; i++) {
      expect(await isAdmitted(limits.passwordChange('u1', '203.0.113.7', sink))).toBe(true);
      await limits.passwordChangeSucceeded('u1', '203.0.113.7');
    }
  });
});

describe('every refusal', () => {
  it.each<[string, (i: number) => Promise<void>]>([
    ['login-account', (i) => limits.login(login({ address: addressOf(i) }), sink)],
    ['login-device', (i) => limits.login(login({ address: addressOf(i), knownDevice: 'd1' }), sink)],
    ['login-network', (i) => limits.login(login({ account: `u${i}@example.com` }), sink)],
    ['register-account', (i) => limits.register(ALICE, addressOf(i), sink)],
    ['register-network', (i) => limits.register(`u${i}@example.com`, '203.0.113.7', sink)],
    ['password-account', (i) => limits.passwordChange('u1', addressOf(i), sink)],
    ['password-network', (i) => limits.passwordChange(`u${i}`, '203.0.113.7', sink)],
  ])('carries the headers of its limit: %s', async (name, attempt) => {
    let i = 0;
    while (i < 1_000 && (await isAdmitted(attempt(i)))) i++;
    expect(headers['RateLimit-Policy']).toMatch(new RegExp(`^"${name}";q=${i};w=\\d+$`));
    expect(headers.RateLimit).toMatch(new RegExp(`^"${name}";r=0;t=[1-9]\\d*$`));
  });
});
