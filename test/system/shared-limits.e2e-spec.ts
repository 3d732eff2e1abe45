import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { OwnPostgres } from './support/own-postgres.js';
import { OwnRedis } from './support/own-redis.js';
import { until } from './support/processes.js';
import { Scene, type Service } from './support/service.js';

const scene = new Scene();
let postgres: OwnPostgres;
let redis: OwnRedis;
beforeAll(async () => {
  postgres = await OwnPostgres.start();
  redis = await OwnRedis.start();
});
afterEach(() => scene.clear());
afterAll(async () => {
  await postgres.stop();
  await redis.kill();
});

const ADMIN = { email: 'admin@example.com', password: 'a first password of mine' };
const WRONG = { ...ADMIN, password: 'a guess of a stranger' };

async function startTogether(): Promise<[Service, Service]> {
  const variables = {
    DATABASE_URL: await postgres.createDatabase(),
    REDIS_URL: redis.url,
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    LOG_LEVEL: 'info',
  };
  const services = [scene.spawn(variables), scene.spawn(variables)] as const;
  await Promise.all(services.map((service) => service.ready()));
  return [...services];
}

const login = async ({ http }: Service, body: object) => (await http.post('/auth/login', body)).status;

/** How many wrong passwords are tested before the answer is 429, by turns on each service. */
async function guessesAdmitted(services: Service[], body = WRONG): Promise<number> {
  for (let n = 0; n < 60; n++) if ((await login(services[n % services.length]!, body)) === 429) return n;
  return Infinity;
}

describe('two instances with one Redis', () => {
  it('count guesses together', async () => {
    const services = await startTogether();
    expect(await guessesAdmitted(services)).toBe(10);
    for (const service of services) expect(await login(service, ADMIN)).toBe(429);
  });

  it('tell it no address', async () => {
    const [service] = await startTogether();
    await login(service, { ...WRONG, email: 'somebody@example.com' });
    const keys = await redis.keys();
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.join()).not.toMatch(/somebody|example|127\.0/);
  });

  it('count for themselves while it is away, and together again when it is back', async () => {
    const services = await startTogether();
    expect(await login(services[0], { ...WRONG, email: 'first@example.com' })).toBe(401);
    await redis.kill();
    try {
      expect(await guessesAdmitted([services[0]], { ...WRONG, email: 'alone@example.com' })).toBe(10);
      expect(await login(services[0], ADMIN)).toBe(200);
      expect(await login(services[1], { ...WRONG, email: 'alone@example.com' })).toBe(401);
      for (const service of services) {
        await until('the log tells', () => service.output.includes('Redis cannot be reached'));
      }
    } finally {
      await redis.startAgain();
    }
    for (const service of services) await until('Redis is back', () => service.output.includes('Redis is back'));
    expect(await guessesAdmitted(services, { ...WRONG, email: 'together@example.com' })).toBe(10);
  });

  it('start without it', async () => {
    await redis.kill();
    try {
      const services = await startTogether();
      for (const service of services) expect(await login(service, ADMIN)).toBe(200);
    } finally {
      await redis.startAgain();
    }
  });
});
