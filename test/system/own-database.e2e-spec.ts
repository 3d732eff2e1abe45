import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { OwnPostgres, query } from './support/own-postgres.js';
import { PASSWORD, Scene } from './support/service.js';

const scene = new Scene();
let postgres: OwnPostgres;
beforeAll(async () => {
  postgres = await OwnPostgres.start();
});
afterEach(() => scene.clear());
afterAll(() => postgres.stop());

describe('DATABASE_URL is set', () => {
  it('the service keeps everything there, names it without its password, and starts no database of its own', async () => {
    const url = await postgres.createDatabase();
    const folder = scene.folder();
    const service = await scene.start({ DATABASE_URL: url }, folder);
    const { host, pathname, password } = new URL(url);
    expect(service.output).toMatch(new RegExp(`Database\\s+PostgreSQL at ${host}${pathname}$`, 'm'));
    expect(service.output).not.toContain(password);
    expect(existsSync(join(folder, 'data/postgres'))).toBe(false);

    const account = { email: 'alice@example.com', password: PASSWORD };
    expect((await service.http.post('/auth/register', account)).status).toBe(201);
    expect((await service.http.post('/auth/login', account)).status).toBe(200);
    await expect(query(url, 'SELECT email FROM users')).resolves.toEqual([{ email: account.email }]);
    await service.stop();

    const second = await scene.start({ DATABASE_URL: url });
    expect((await second.http.post('/auth/login', account)).status).toBe(200);
  });
});

describe('the database of DATABASE_URL cannot be used', () => {
  const SECRET = 'do-not-show';

  // The service waits half a minute for a database that may be starting.
  it('because nothing listens there: says where it tried, without the password and without a stack', async () => {
    const service = scene.spawn({ DATABASE_URL: `postgresql://countersign:${SECRET}@127.0.0.1:9/countersign` });
    await expect(service.exit()).resolves.toEqual({ code: 1, signal: null });
    expect(service.output).toContain('DATABASE_URL');
    expect(service.output).toContain('127.0.0.1:9');
    expect(service.output).not.toContain(SECRET);
    expect(service.output).not.toMatch(/^\s+at |"stack"/m);
  });

  it('because the password is wrong: says so at once', async () => {
    const url = new URL(await postgres.createDatabase());
    url.password = SECRET;
    const service = scene.spawn({ DATABASE_URL: url.href });
    await expect(service.exit()).resolves.toEqual({ code: 1, signal: null });
    expect(service.output).toContain('DATABASE_URL');
    expect(service.output).toContain('password authentication failed');
    expect(service.output).not.toContain(SECRET);
    expect(service.output).not.toMatch(/^\s+at |"stack"/m);
  });

  it('because there is no such database: says so at once', async () => {
    const url = new URL(await postgres.createDatabase());
    url.pathname = '/missing';
    const service = scene.spawn({ DATABASE_URL: url.href });
    await expect(service.exit()).resolves.toEqual({ code: 1, signal: null });
    expect(service.output).toContain('DATABASE_URL');
    expect(service.output).toContain('"missing" does not exist');
    expect(service.output).not.toMatch(/^\s+at |"stack"/m);
  });

  it('because its keys were sealed with another SECRET_KEY: says so, and touches nothing', async () => {
    const url = await postgres.createDatabase();
    await (await scene.start({ DATABASE_URL: url })).stop();
    const keys = 'SELECT kid, status FROM signing_keys';
    const before = await query(url, keys);
    const other = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7)).toString('base64');
    const service = scene.spawn({ DATABASE_URL: url, SECRET_KEY: other });
    await expect(service.exit()).resolves.toEqual({ code: 1, signal: null });
    expect(service.output).toContain('SECRET_KEY');
    expect(service.output).not.toMatch(/^\s+at |"stack"/m);
    await expect(query(url, keys)).resolves.toEqual(before);
  });
});
