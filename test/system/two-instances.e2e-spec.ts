import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { OwnPostgres, query } from './support/own-postgres.js';
import { until } from './support/processes.js';
import { Scene, type Service } from './support/service.js';

const scene = new Scene();
let postgres: OwnPostgres;
beforeAll(async () => {
  postgres = await OwnPostgres.start();
});
afterEach(() => scene.clear());
afterAll(() => postgres.stop());

const ADMIN = { email: 'admin@example.com', password: 'a first password of mine' };

// The services connect again a second later.
const CUT_NOTIFICATIONS =
  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'countersign-listener' AND datname = current_database()";

/** Services that start at the same moment on the same empty database. */
async function startTogether(count: number): Promise<{ url: string; services: Service[] }> {
  const url = await postgres.createDatabase();
  const variables = {
    DATABASE_URL: url,
    RATE_LIMITS: 'false',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
  };
  const services = Array.from({ length: count }, () => scene.spawn(variables));
  await Promise.all(services.map((service) => service.ready()));
  return { url, services };
}

async function login(service: Service): Promise<TokenResponse> {
  const { status, body, text } = await service.http.post<TokenResponse>('/auth/login', ADMIN);
  if (status !== 200) throw new Error(`login: ${status} ${text}`);
  return body;
}

const meStatus = async (service: Service, token: string): Promise<number> =>
  (await service.http.get('/auth/me', { token })).status;

const isRefused = (service: Service, token: string): Promise<void> =>
  until('the token is refused there', async () => (await meStatus(service, token)) === 401);

describe('four services start at once on an empty database', () => {
  it('there is one administrator, one active key, and every migration once', async () => {
    const { url, services } = await startTogether(4);
    expect(services.filter(({ output }) => output.includes('First administrator'))).toHaveLength(1);
    await expect(query(url, 'SELECT email FROM users')).resolves.toEqual([{ email: ADMIN.email }]);
    await expect(query(url, "SELECT count(*)::int FROM signing_keys WHERE status = 'active'")).resolves.toEqual([
      { count: 1 },
    ]);
    const migrations = await query<{ name: string }>(url, 'SELECT name FROM migrations');
    expect(migrations.length).toBeGreaterThan(0);
    expect(new Set(migrations.map(({ name }) => name)).size).toBe(migrations.length);
    for (const issuer of services) {
      const { access_token: token } = await login(issuer);
      for (const verifier of services) expect(await meStatus(verifier, token)).toBe(200);
    }
  });
});

describe('two services on one database', () => {
  it('a logout on one is true on the other', async () => {
    const { services } = await startTogether(2);
    const [a, b] = services as [Service, Service];
    for (let round = 0; round < 10; round += 1) {
      const { access_token: token } = await login(a);
      expect(await meStatus(b, token)).toBe(200);
      expect((await a.http.post('/auth/logout', undefined, { token })).status).toBe(204);
      expect(await meStatus(a, token)).toBe(401);
      await isRefused(b, token);
    }
  });

  it('a logout is true on the other also where no notification gets through', async () => {
    const { url, services } = await startTogether(2);
    const [a, b] = services as [Service, Service];
    const { access_token: token } = await login(a);
    expect(await meStatus(b, token)).toBe(200);
    await query(url, CUT_NOTIFICATIONS);
    await a.http.post('/auth/logout', undefined, { token });
    await isRefused(b, token);
  });

  it('a refresh token works on either, in turn and at the same moment', async () => {
    const { services } = await startTogether(2);
    let tokens = await login(services[0]!);
    for (let round = 0; round < 20; round += 1) {
      const answers = await Promise.all(
        services.map((service) =>
          service.http.post<TokenResponse>('/auth/refresh', { refresh_token: tokens.refresh_token }),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      expect(answers[0]!.body.refresh_token).toBe(answers[1]!.body.refresh_token);
      tokens = answers[round % 2]!.body;
    }
  });
});

describe('the signing key is replaced at once on one of two services', () => {
  it('tokens of the new key are known on the other immediately, and the old ones are refused', async () => {
    const { url, services } = await startTogether(2);
    const [a, b] = services as [Service, Service];
    let over = false;
    const unknownKid = `${Buffer.from('{"alg":"ES256","typ":"at+jwt","kid":"AAAAAAAA"}').toString('base64url')}.e30.${'A'.repeat(86)}`;
    // Somebody who shows tokens of unknown keys all the time must not keep the new key from being noticed.
    const statuses = new Set<number>();
    const noise = (async () => {
      while (!over) statuses.add(await meStatus(b, unknownKid));
    })().catch(() => undefined);
    for (let round = 0; round < 10; round += 1) {
      const { access_token: old } = await login(a);
      expect(await meStatus(b, old)).toBe(200);
      if (round % 2 === 1) await query(url, CUT_NOTIFICATIONS);
      const rotation = await a.http.post('/keys/rotate', { emergency: true }, { token: old });
      expect(rotation.status).toBe(200);
      const { access_token: fresh } = await login(a);
      expect(await meStatus(b, fresh)).toBe(200);
      expect(await meStatus(a, old)).toBe(401);
      await isRefused(b, old);
    }
    over = true;
    await noise;
    expect([...statuses]).toEqual([401]);
  });
});
