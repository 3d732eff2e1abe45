import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditPage } from '../../src/audit/audit.view.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { signInAs } from '../support/sign-in.js';

/** As many accounts may be refused from one site in an hour. */
const ACCOUNTS = 100;

describe('trying one password on very many accounts', () => {
  let app: TestApp;
  let admin: string;
  beforeAll(async () => {
    app = await TestApp.start({
      TRUSTED_PROXIES: '127.0.0.1/32',
      SIGN_IN_FAILURE_ALARM: '150',
      LOG_LEVEL: 'warn',
    });
    admin = (await signInAs(app, await app.createUser({ password: undefined, roles: ['user', 'admin'] }))).access_token;
  });
  afterAll(() => app.close());

  const login = (email: string, from: string, password = 'Winter2026!', cookie?: string) =>
    app.http.post<{ code?: string }>(
      '/auth/login',
      { email, password },
      { headers: { 'x-forwarded-for': from, ...(cookie && { cookie }) } },
    );
  const alarms = async () => {
    const { body } = await app.http.get<AuditPage>('/audit?event=sign_in.spraying', { token: admin });
    return body.items.map(({ reason, details }) => ({ reason, network: details['network'] }));
  };
  /** Tries accounts, each from another address of a site, until one has to wait. Returns how many were tested. */
  const spray = async (prefix: string, addressOf: (n: number) => string): Promise<number> => {
    for (let n = 0; n <= ACCOUNTS + 5; n++) {
      const { status } = await login(`${prefix}${n}@example.com`, addressOf(n));
      if (status === 429) return n;
      expect(status).toBe(401);
    }
    throw new Error('nothing stopped it');
  };

  it('from the addresses of one site: the site waits, and the operator is told', async () => {
    const user = await app.createUser();
    const known = await login(user.email, '203.0.113.200', PASSWORD);
    expect(known.status).toBe(200);
    const cookie = known.headers
      .getSetCookie()
      .map((text) => text.split(';')[0]!)
      .join('; ');

    const tested = await spray('four', (n) => `203.0.113.${n % 250}`);
    expect(tested).toBe(ACCOUNTS + 1);
    expect(await alarms()).toEqual([{ reason: 'network', network: '203.0.113.0/24' }]);
    expect(app.logLines.filter((line) => line.includes('sign_in_spraying'))).toHaveLength(1);
    // Also with the right password, since an attacker finds one in a thousand.
    expect((await login(user.email, '203.0.113.201', PASSWORD)).status).toBe(429);
    expect((await login(user.email, '203.0.113.201', PASSWORD, cookie)).status).toBe(200);
    expect((await login(user.email, '203.0.114.1', PASSWORD)).status).toBe(200);
  });

  it('from the subnets of one IPv6 site likewise, and not from its neighbour', async () => {
    expect(await spray('six', (n) => `2001:db8:7:${n.toString(16)}::1`)).toBe(ACCOUNTS + 1);
    expect((await alarms()).map(({ network }) => network)).toContain('2001:db8:7::/48');
    expect((await login('six@example.com', '2001:db8:8::1')).status).toBe(401);
  });

  it('from everywhere: nobody waits, and the operator is told', async () => {
    for (let n = 0; n < 160; n++) expect((await login(`many${n}@example.com`, `11.${n}.0.1`)).status).toBe(401);
    expect((await alarms()).filter(({ reason }) => reason === 'all_networks')).toHaveLength(1);
  });

  it('people who mistype and then get in are not counted, nor is one account many times', async () => {
    const user = await app.createUser();
    for (let n = 0; n < ACCOUNTS + 20; n++) {
      const from = `198.51.100.${n}`;
      if (n % 3 === 0) expect((await login(user.email, from)).status).toBe(401);
      else expect((await login(user.email, from, PASSWORD)).status).toBe(200);
    }
    expect((await login(user.email, '198.51.100.1', PASSWORD)).status).toBe(200);
  });

  it('an administrator sees the wait, and ends it', async () => {
    const path = '/limits?client_address=203.0.113.9';
    const { body } = await app.http.get<{ items?: unknown[] }>(path, { token: admin });
    expect(JSON.stringify(body)).toContain('login-spray');
    expect((await app.http.delete(path, { token: admin })).status).toBe(204);
    expect((await login('after@example.com', '203.0.113.9')).status).toBe(401);
  });
});
