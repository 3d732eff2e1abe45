import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';

const WRONG = 'wrong horse battery staple';
const PUBLIC_URL = 'http://localhost:3000';

/** A header as a client would forge it, with an address of its choice. */
const SPOOFS: Record<string, (address: string) => Record<string, string>> = {
  'X-Forwarded-For': (address) => ({ 'x-forwarded-for': address }),
  'X-Forwarded-For, a chain': (address) => ({ 'x-forwarded-for': `${address}, 127.0.0.1` }),
  Forwarded: (address) => ({ forwarded: `for=${address};proto=https;host=evil.example` }),
  'X-Real-IP': (address) => ({ 'x-real-ip': address }),
  'X-Client-IP': (address) => ({ 'x-client-ip': address, 'client-ip': address, 'true-client-ip': address }),
  'CF-Connecting-IP': (address) => ({ 'cf-connecting-ip': address, 'fastly-client-ip': address }),
};

const HOSTS = {
  'x-forwarded-host': 'evil.example',
  'x-forwarded-proto': 'https',
  'x-forwarded-port': '443',
  'x-forwarded-prefix': '/evil',
  forwarded: 'host=evil.example',
  'x-host': 'evil.example',
};

const openers = (app: TestApp) => ({
  login: (email: string, password: string, headers: Record<string, string>) =>
    app.http.post<TokenResponse>('/auth/login', { email, password }, { headers }),
  addressOf: async (token: string) =>
    (await app.http.get<{ items: { address: string; current: boolean }[] }>('/sessions', { token })).body.items.find(
      ({ current }) => current,
    )!.address,
});

/** How many of 80 guesses against 80 accounts are heard. */
async function heard(
  app: TestApp,
  label: string,
  headersOf: (index: number) => Record<string, string>,
): Promise<number> {
  const { login } = openers(app);
  const answers = await Promise.all(
    Array.from({ length: 80 }, (_, index) =>
      login(`${label}${index}@example.net`.replace(/[^\w@.]/g, ''), WRONG, headersOf(index)),
    ),
  );
  return answers.filter(({ status }) => status === 401).length;
}

async function expectOwnLinks(app: TestApp, token: string): Promise<void> {
  const headers = { ...HOSTS, 'x-forwarded-for': '203.0.113.9' };
  const metadata = await app.http.get<Record<string, string>>('/.well-known/openid-configuration', { headers });
  expect(metadata.body).toMatchObject({ issuer: PUBLIC_URL, jwks_uri: `${PUBLIC_URL}/.well-known/jwks.json` });
  const problem = await app.http.get<{ type: string }>('/auth/me', { headers });
  expect(problem.body.type).toMatch(`${PUBLIC_URL}/problems/`);
  const claims = decodeToken<{ iss: string }>(token).claims;
  expect(claims.iss).toBe(PUBLIC_URL);
  for (const path of ['/docs-json', '/docs', '/', '/.well-known/jwks.json', '/nowhere']) {
    const { text, headers: answered } = await app.http.get(path, { headers });
    expect(text + JSON.stringify([...answered])).not.toContain('evil');
  }
}

describe('forged forwarding headers, where no proxy is trusted', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start()));
  afterAll(() => app.close());

  it('leave the address of a session and all links as they are', async () => {
    const { login, addressOf } = openers(app);
    const { email } = await app.createUser();
    for (const spoof of Object.values(SPOOFS)) {
      const { body } = await login(email, PASSWORD, { ...HOSTS, ...spoof('203.0.113.9') });
      expect(await addressOf(body.access_token)).toBe('127.0.0.1');
      const headers = spoof('203.0.113.10');
      const refreshed = await app.http.post<TokenResponse>(
        '/auth/refresh',
        { refresh_token: body.refresh_token },
        { headers },
      );
      expect(await addressOf(refreshed.body.access_token)).toBe('127.0.0.1');
      await expectOwnLinks(app, body.access_token);
    }
  });

  it('are no new network to the limits', async () => {
    let all = 0;
    for (const [name, spoof] of Object.entries(SPOOFS))
      all += await heard(app, name, (index) => spoof(`203.0.113.${index}`));
    expect(all).toBe(50);
  });
});

describe('forged forwarding headers, where one proxy is trusted', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ TRUSTED_PROXIES: '127.0.0.1/32,10.1.0.0/16' })));
  afterAll(() => app.close());

  // The proxy appends the address that it sees; what stands to the left of it is whatever the client sent.
  it.each([
    ['198.51.100.7', '198.51.100.7'],
    ['203.0.113.9, 198.51.100.7', '198.51.100.7'],
    ['127.0.0.1, 198.51.100.7', '198.51.100.7'],
    ['10.1.2.3, 198.51.100.7', '198.51.100.7'],
    ['203.0.113.9, 198.51.100.7, 10.1.2.3', '198.51.100.7'],
    ['10.1.2.3, 203.0.113.9, 198.51.100.7, 10.1.9.9', '198.51.100.7'],
    ['198.51.100.7, 10.2.0.1', '10.2.0.1'],
    ['x, 198.51.100.7', '198.51.100.7'],
  ])('X-Forwarded-For: %s comes from %s', async (header, address) => {
    const { login, addressOf } = openers(app);
    const { email } = await app.createUser();
    const { body } = await login(email, PASSWORD, { 'x-forwarded-for': header });
    expect(await addressOf(body.access_token)).toBe(address);
  });

  it('other headers than X-Forwarded-For are not believed even then, and no link moves', async () => {
    const { login, addressOf } = openers(app);
    const { email } = await app.createUser();
    for (const name of ['Forwarded', 'X-Real-IP', 'X-Client-IP', 'CF-Connecting-IP']) {
      const { body } = await login(email, PASSWORD, { ...HOSTS, ...SPOOFS[name]!('203.0.113.9') });
      expect(await addressOf(body.access_token)).toBe('127.0.0.1');
      await expectOwnLinks(app, body.access_token);
    }
  });

  it('a client that changes what it claims is one network to the limits', async () => {
    expect(await heard(app, 'left', (index) => ({ 'x-forwarded-for': `203.0.113.${index}, 198.51.100.20` }))).toBe(50);
    expect(
      await heard(app, 'trusted', (index) => ({
        'x-forwarded-for': `10.1.0.${index}, 198.51.100.21, 10.1.0.${index}`,
      })),
    ).toBe(50);
  });

  it('nonsense in the place of an address breaks nothing and is one network', async () => {
    const { login } = openers(app);
    const { email } = await app.createUser();
    const nonsense = [
      'unknown',
      '_hidden',
      '1.2.3.4.5',
      "' OR 1=1 --",
      '999.1.1.1',
      '[::1]:80',
      '198.51.100.7:4711',
      'x'.repeat(4000),
      ',',
      ' , , ',
      '\xff',
      '::ffff:x',
      '1.2.3',
    ];
    for (const value of nonsense) {
      const { status } = await login(email, PASSWORD, { 'x-forwarded-for': value });
      expect(status, value).toBe(200);
    }
    expect(await heard(app, 'nonsense', (index) => ({ 'x-forwarded-for': `nonsense-${index}` }))).toBeLessThanOrEqual(
      50,
    );
    for (const { address } of await app.dataSource.query<{ address: string | null }[]>(
      'SELECT address FROM sessions',
    )) {
      expect(address?.length ?? 0).toBeLessThanOrEqual(64);
    }
  });
});
