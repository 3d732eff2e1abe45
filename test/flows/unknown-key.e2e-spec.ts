import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeyStore } from '../../src/keys/key-store.js';
import { SigningKey } from '../../src/keys/signing-key.entity.js';
import { loadConfig } from '../../src/platform/config/config.js';
import { dataSourceOptions, openDataSource } from '../../src/platform/database/data-source.js';
import { es256, forge } from '../attacks/forged-token.js';
import { TestApp } from '../support/create-app.js';
import { createDatabase } from '../support/database.js';
import { decodeToken } from '../support/decode-token.js';
import { testEnvironment } from '../support/environment.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { soon } from './service-process.js';

describe('a token names a key of which this instance has not heard', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let proxy: TcpProxy;
  let app: TestApp;
  let elsewhere: DataSource;
  let own: ReturnType<typeof decodeToken>;
  beforeAll(async () => {
    database = await createDatabase();
    proxy = await TcpProxy.start(database.url);
    app = await TestApp.start({ DATABASE_URL: proxy.url });
    elsewhere = await openDataSource(
      dataSourceOptions(loadConfig(testEnvironment({ DATABASE_URL: database.url })), [SigningKey]),
    );
    own = decodeToken((await app.signedInUser()).tokens.access_token);
  });
  afterAll(async () => {
    await elsewhere?.destroy();
    await app?.close();
    await proxy?.stop();
    await database.drop();
  });

  const invented = (): string =>
    forge({ ...own.header, kid: randomBytes(6).toString('base64url') }, own.claims, () => randomBytes(64));
  /** What another instance does: it makes a key, and mints with it. Nobody is woken. */
  const mintedElsewhere = async (): Promise<string> => {
    const store = app.app.get(KeyStore);
    const known = new Set((await store.list(SigningKey, elsewhere.manager)).map(({ kid }) => kid));
    const create = { step: 'create', status: 'published', activatesAt: app.clock.date() } as const;
    await store.apply(create, SigningKey, 'ES256', elsewhere.manager);
    const fresh = (await store.list(SigningKey, elsewhere.manager)).find(({ kid }) => !known.has(kid))!;
    return forge({ ...own.header, kid: fresh.kid }, own.claims, es256(store.privateKeyOf(fresh)));
  };
  const me = (token: string) => app.http.get('/auth/me', { token });
  const readings = async (): Promise<string[]> => {
    const rows = await elsewhere.query<{ at: string }[]>(
      `SELECT query_start::text AS at FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'SELECT %signing_keys%'`,
    );
    return rows.map(({ at }) => at);
  };

  it('is accepted where another instance has made the key, and refused where nobody has', async () => {
    expect((await me(await mintedElsewhere())).status).toBe(200);
    expect(await me(invented())).toMatchObject({ status: 401, body: { code: 'token_invalid' } });
  });

  it('waits for a later reading where the keys are being read', async () => {
    const before = await readings();
    proxy.holdAnswers();
    const first = me(invented());
    expect(await soon(async () => (await readings()).some((at) => !before.includes(at)))).toBe(true);
    // The keys have been read, though the service does not know them yet; this one is too late to be among them.
    const second = me(await mintedElsewhere());
    // Longer than the service leaves between two readings.
    await sleep(400);
    proxy.thaw();
    expect((await first).status).toBe(401);
    expect((await second).status).toBe(200);
  });

  it('is not judged while the keys cannot be read for another reason: 503, and not 401', async () => {
    await elsewhere.query('ALTER TABLE signing_keys RENAME TO signing_keys_away');
    try {
      expect(await me(invented())).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    } finally {
      await elsewhere.query('ALTER TABLE signing_keys_away RENAME TO signing_keys');
    }
    expect((await me(invented())).status).toBe(401);
  });

  it('is not judged while the database is away: 503, and not 401', async () => {
    await proxy.cut();
    for (const token of [invented(), await mintedElsewhere()]) {
      const answer = await me(token);
      expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    await proxy.mend();
    const token = await mintedElsewhere();
    expect(await soon(async () => (await me(token)).status === 200)).toBe(true);
  });
});
