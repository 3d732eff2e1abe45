import { createPrivateKey, createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeyChanges } from '../../src/keys/key-changes.js';
import { KeyRotationService } from '../../src/keys/key-rotation.service.js';
import { KeyRing } from '../../src/keys/key-ring.js';
import { KeyStore } from '../../src/keys/key-store.js';
import { EventSigningKey, SigningKey } from '../../src/keys/signing-key.entity.js';
import { loadConfig } from '../../src/platform/config/config.js';
import { dataSourceOptions, openDataSource } from '../../src/platform/database/data-source.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { TransactionalEvents } from '../../src/platform/events/transactional-events.js';
import { Jobs } from '../../src/platform/jobs/jobs.js';
import { ClusterBus } from '../../src/platform/events/cluster-bus.js';
import { BY_TEST } from '../support/cause.js';
import { MovableClock } from '../support/clock.js';
import { TestApp } from '../support/create-app.js';
import { createDatabase } from '../support/database.js';
import { decodeToken } from '../support/decode-token.js';
import { testEnvironment } from '../support/environment.js';
import { Metrics } from '../../src/platform/telemetry/metrics.js';

const DAY = 86_400;
let database: Awaited<ReturnType<typeof createDatabase>>;
beforeAll(async () => void (database = await createDatabase()));
afterAll(() => database.drop());

describe('signing keys in the database', () => {
  it('are private in the eyes of whoever reads it', async () => {
    const app = await TestApp.start({ DATABASE_URL: database.url });
    const [row] = await app.dataSource.manager.find(SigningKey);
    await app.close();
    expect(() => createPrivateKey({ key: row!.privateKey, format: 'der', type: 'pkcs8' })).toThrow(
      /asn1|DECODER|wrong tag/i,
    );
    const { x, y } = createPublicKey(row!.publicKey).export({ format: 'jwk' });
    // PKCS #8 repeats the public point.
    for (const coordinate of [x, y])
      expect(row!.privateKey.includes(Buffer.from(coordinate!, 'base64url'))).toBe(false);
  });

  it('outlive a restart, and so do the tokens that they signed', async () => {
    const first = await TestApp.start({ DATABASE_URL: database.url });
    const { tokens } = await first.signedInUser({ email: 'restart@example.com' });
    await first.close();
    const second = await TestApp.start({ DATABASE_URL: database.url });
    const { status } = await second.http.get('/auth/me', { token: tokens.access_token });
    const refreshed = await second.http.post('/auth/refresh', { refresh_token: tokens.refresh_token });
    await second.close();
    expect([status, refreshed.status]).toEqual([200, 200]);
  });

  it('do not open with another SECRET_KEY: the service says so and does not start', async () => {
    const SECRET_KEY = 'mZ0Qv6tq3m1E9w2sXo7Jr4Yc8hB5kPnUaLdTfVgWiHs=';
    await expect(TestApp.start({ DATABASE_URL: database.url, SECRET_KEY })).rejects.toThrow(
      'SECRET_KEY does not open the signing keys of this database. Start with the SECRET_KEY that they were made with.',
    );
    const app = await TestApp.start({ DATABASE_URL: database.url });
    const { body } = await app.http.get<{ keys: unknown[] }>('/.well-known/jwks.json');
    await app.close();
    expect(body.keys).toHaveLength(1);
  });

  it('change their algorithm in stages: RS256 by setting signs a day later, and no token is refused', async () => {
    const before = await TestApp.start({ DATABASE_URL: database.url });
    const { tokens } = await before.signedInUser({ email: 'algorithm@example.com' });
    await before.close();
    const app = await TestApp.start({ DATABASE_URL: database.url, JWT_ALG: 'RS256' });
    const algorithmOf = async () => {
      const { access_token } = await app.login('algorithm@example.com');
      const { alg } = decodeToken(access_token).header;
      return alg;
    };
    try {
      expect((await app.http.get('/auth/me', { token: tokens.access_token })).status).toBe(200);
      expect(await algorithmOf()).toBe('ES256');
      app.clock.advance(DAY + 1);
      await app.app.get(KeyRotationService).tick();
      expect(await algorithmOf()).toBe('RS256');
    } finally {
      await app.close();
    }
  });
});

describe('two services that move the keys at the same moment', () => {
  const clock = new MovableClock();

  async function service() {
    const config = loadConfig(testEnvironment({ DATABASE_URL: database.url }));
    const dataSource = await openDataSource(dataSourceOptions(config, [SigningKey, EventSigningKey]));
    const store = new KeyStore(config, dataSource, clock);
    const ring = new KeyRing(config, store);
    const jobs = new Jobs(new Database(dataSource, new Metrics()), clock, new Metrics());
    const bus = new ClusterBus(config, jobs);
    const events = new TransactionalEvents();
    const transactions = new Transactions(dataSource);
    const rotation = new KeyRotationService(
      config,
      new KeyChanges(store, transactions, bus, events, clock),
      ring,
      clock,
      jobs,
    );
    return { rotation, dataSource, ring };
  }

  it('never make two of them active, and never forget to make one', async () => {
    const [one, other] = [await service(), await service()];
    const statuses = async () => {
      const rows = await one.dataSource.manager.find(SigningKey);
      return rows.map(({ status }) => status).sort();
    };
    try {
      for (let round = 0; round < 30; round++) {
        await one.dataSource.query('DELETE FROM signing_keys');
        await Promise.all([one, other, one, other].map(({ rotation }) => rotation.tick()));
        expect(await statuses()).toEqual(['active']);
        await Promise.all([one, other].flatMap(({ rotation }) => [rotation.rotate(BY_TEST), rotation.tick()]));
        expect(await statuses()).toEqual(['active', 'published']);
        clock.advance(DAY + 1);
        await Promise.all([one, other].flatMap(({ rotation }) => [rotation.tick(), rotation.rotate(BY_TEST)]));
        expect((await statuses()).filter((status) => status === 'active')).toHaveLength(1);
        expect((await statuses()).filter((status) => status === 'published').length).toBeLessThanOrEqual(1);
        await Promise.all([one, other].flatMap(({ rotation }) => [rotation.replace(BY_TEST), rotation.tick()]));
        expect((await statuses()).filter((status) => status === 'active')).toHaveLength(1);
        await Promise.all([one, other].map(({ rotation }) => rotation.tick()));
        expect(one.ring.signer.key.kid).toBe(other.ring.signer.key.kid);
      }
      await expect(
        one.dataSource.query(`INSERT INTO signing_keys SELECT 'second', alg, status, public_key, private_key,
          published_at, activates_at, retired_at FROM signing_keys WHERE status = 'active'`),
      ).rejects.toThrow('signing_keys_one_active');
    } finally {
      await one.dataSource.destroy();
      await other.dataSource.destroy();
    }
  });
});
