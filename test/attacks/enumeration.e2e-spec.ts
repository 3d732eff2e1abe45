import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, TestApp } from '../support/create-app.js';

/** What an attacker tries who wants to know which addresses have an account. */
async function attemptsAgainst(app: TestApp) {
  const active = await app.createUser();
  const disabled = await app.createUser({ status: 'disabled' });
  const passwordless = await app.createUser({ password: undefined });
  return {
    'unknown address': { email: 'nobody@example.com', password: 'wrong horse battery staple' },
    'wrong password': { email: active.email, password: 'wrong horse battery staple' },
    'disabled, right password': { email: disabled.email, password: PASSWORD },
    'disabled, wrong password': {
      email: (await app.createUser({ status: 'disabled' })).email,
      password: 'wrong horse',
    },
    'no password': { email: passwordless.email, password: 'wrong horse battery staple' },
  };
}

type Attempts = Awaited<ReturnType<typeof attemptsAgainst>>;

describe('finding out who has an account, by the answer to a login', () => {
  let app: TestApp;
  let attempts: Attempts;
  beforeAll(async () => {
    // One trusted proxy in front, so that every sequence can come from a network of its own.
    app = await TestApp.start({ TRUSTED_PROXIES: '127.0.0.1/32' });
    attempts = await attemptsAgainst(app);
  });
  afterAll(() => app.close());

  /** The whole answer but the date; seconds in units of ten, since they pass while we ask. */
  const login = async (body: object, requestId: string, network: string) => {
    const request = { 'x-request-id': requestId, 'x-forwarded-for': network };
    const answer = await app.http.post('/auth/login', body, { headers: request });
    const inTens = (value: string) => value.replace(/\d+$/, (seconds) => String(Math.ceil(Number(seconds) / 10) * 10));
    const headers = [...answer.headers].filter(([name]) => name !== 'date');
    return {
      status: answer.status,
      headers: headers.map(([name, value]) => [name, /^(ratelimit|retry-after)$/.test(name) ? inTens(value) : value]),
      text: answer.text,
    };
  };

  it('shows nothing: status, headers and body are the same, attempt after attempt, also when they run out', async () => {
    const sequences = new Map<string, Awaited<ReturnType<typeof login>>[]>();
    for (const [name, body] of Object.entries(attempts)) {
      const sequence = [];
      for (let attempt = 0; attempt < 13; attempt++) {
        sequence.push(await login(body, `enumeration-${attempt}`, `203.0.113.${sequences.size}`));
      }
      sequences.set(name, sequence);
    }
    const reference = sequences.get('unknown address')!;
    const statuses = reference.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(statuses.indexOf(429)).toBe(statuses.lastIndexOf(401) + 1);
    expect(reference[0]!.text).toContain('"invalid_credentials"');
    expect(Object.fromEntries(reference[0]!.headers)).toHaveProperty('ratelimit');
    for (const [name, sequence] of sequences) {
      expect({ name, sequence }).toEqual({ name, sequence: reference });
      for (const { headers } of sequence) expect(headers.map(([header]) => header)).not.toContain('set-cookie');
    }
  });
});

describe('finding out who has an account, by the time of a login', () => {
  const ROUNDS = 40;
  const MOST_ROUNDS = 160;
  const LIKENESS = { least: 0.65, most: 1.5 };

  let app: TestApp;
  let attempts: Attempts;
  beforeAll(async () => {
    // The hash of production, and no limits: the attacker has all the time and all the networks of the world.
    app = await TestApp.start({
      PASSWORD_HASH_MEMORY_KIB: '19456',
      PASSWORD_HASH_PASSES: '2',
      RATE_LIMITS: 'false',
    });
    attempts = await attemptsAgainst(app);
  });
  afterAll(() => app.close());

  /** Milliseconds. The machine only ever adds to a time, so the lower quartile says more than the median. */
  const typical = (times: number[]): number => times.toSorted((a, b) => a - b)[Math.floor(times.length / 4)]!;

  /**
   * What each attempt costs beyond one that is refused before any hash, as a multiple of what a wrong password costs:
   * 1 where it costs the same, 0 where the hash was left out. A busy machine gets more rounds before the verdict.
   */
  async function costs(tried: Record<string, object>): Promise<Record<string, number>> {
    const control = { body: { email: 'not an address', password: 'wrong' }, status: 400, times: [] as number[] };
    const arms = Object.entries(tried).map(([name, body]) => ({ name, body, status: 401, times: [] as number[] }));
    const all = [control, ...arms];
    const measure = async (round: number) => {
      // Interleaved and in turns, so that whatever else the machine does meets all alike.
      for (let turn = 0; turn < all.length; turn++) {
        const { body, status, times } = all[(turn + round) % all.length]!;
        const started = performance.now();
        const answer = await app.http.post('/auth/login', body);
        times.push(performance.now() - started);
        expect(answer.status).toBe(status);
      }
    };
    const evaluate = () => {
      const base = typical(control.times);
      const reference = typical(arms.find(({ name }) => name === 'wrong password')!.times) - base;
      expect(reference).toBeGreaterThan(base); // the hash is what is measured
      return arms.map(({ name, times }) => [name, (typical(times) - base) / reference] as const);
    };
    for (let round = 1; ; round++) {
      await measure(round);
      if (round % ROUNDS !== 0) continue;
      const ratios = evaluate();
      const alike = ratios.every(([, ratio]) => ratio > LIKENESS.least && ratio < LIKENESS.most);
      if (alike || round >= MOST_ROUNDS) return Object.fromEntries(ratios);
    }
  }

  const expectAlike = (ratios: Record<string, number>) => {
    for (const [name, ratio] of Object.entries(ratios)) {
      expect(ratio, `${name} of ${JSON.stringify(ratios)}`).toBeGreaterThan(LIKENESS.least);
      expect(ratio, `${name} of ${JSON.stringify(ratios)}`).toBeLessThan(LIKENESS.most);
    }
  };

  it('shows nothing: each takes as long as a wrong password does', async () => {
    const { 'unknown address': unknown, 'wrong password': wrong, 'no password': none } = attempts;
    const disabled = attempts['disabled, right password'];
    expectAlike(await costs({ unknown, 'wrong password': wrong, none, disabled }));
  });

  // Such a password is worth a try in two forms; a right one must not save the second.
  it('shows nothing either where the password changes under NFKC', async () => {
    const fullWidth = (text: string) => text.replace('c', '\uff43').replace('w', '\uff57');
    const tried = Object.entries(attempts)
      .filter(([name]) => /^(unknown|wrong|disabled, right)/.test(name))
      .map(([name, body]) => [name, { ...body, password: fullWidth(body.password) }]);
    expectAlike(await costs(Object.fromEntries(tried) as Record<string, object>));
  });
});
