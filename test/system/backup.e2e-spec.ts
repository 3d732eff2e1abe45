import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { OwnPostgres } from './support/own-postgres.js';
import { PASSWORD, Scene, type Service } from './support/service.js';

const ALICE = { email: 'alice@example.com', password: PASSWORD };

const scene = new Scene();
let postgres: OwnPostgres;
beforeAll(async () => {
  postgres = await OwnPostgres.start();
});
afterEach(() => scene.clear());
afterAll(() => postgres.stop());

/** Runs a program of docs/running.md. */
function run(program: string, ...given: string[]): void {
  const { status, stderr } = spawnSync(program, given, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
}

interface Tokens {
  access_token: string;
  refresh_token: string;
}

const signUp = async ({ http }: Service): Promise<Tokens> => {
  expect((await http.post('/auth/register', ALICE)).status).toBe(201);
  return (await http.post<Tokens>('/auth/login', ALICE)).body;
};
const keysOf = async ({ http }: Service) => (await http.get('/.well-known/jwks.json')).body;

/** Everything that Alice had before the backup, she has after it. */
async function serves(service: Service, { access_token: token, refresh_token }: Tokens): Promise<void> {
  expect((await service.http.get('/auth/me', { token })).status).toBe(200);
  expect((await service.http.post('/auth/refresh', { refresh_token })).status).toBe(200);
  expect((await service.http.post('/auth/login', ALICE)).status).toBe(200);
}

describe('a backup of an own database, taken while the service works', () => {
  let dump: string;
  let tokens: Tokens;
  let keys: unknown;
  const restored = async (): Promise<string> => {
    const url = await postgres.createDatabase();
    run('pg_restore', '--no-owner', '--exit-on-error', `--dbname=${url}`, dump);
    return url;
  };

  it('is restored into another database, with accounts, sessions and keys', async () => {
    const url = await postgres.createDatabase();
    const service = await scene.start({ DATABASE_URL: url });
    tokens = await signUp(service);
    keys = await keysOf(service);
    dump = join(scene.folder(), 'countersign.dump');
    run('pg_dump', '--format=custom', `--file=${dump}`, url);
    await service.stop();

    const second = await scene.start({ DATABASE_URL: await restored() });
    expect(await keysOf(second)).toEqual(keys);
    await serves(second, tokens);

    const other = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7)).toString('base64');
    const stranger = scene.spawn({ DATABASE_URL: await restored(), SECRET_KEY: other });
    await expect(stranger.exit()).resolves.toEqual({ code: 1, signal: null });
    expect(stranger.output).toContain('SECRET_KEY');
  });
});

describe('a copy of DATA_DIR, taken while the service is stopped', () => {
  it('is an embedded database like the one before', async () => {
    const folder = scene.folder();
    const service = await scene.start({}, folder);
    const tokens = await signUp(service);
    await service.stop();

    const copy = scene.folder();
    run('tar', '--create', `--file=${join(copy, 'data.tar')}`, `--directory=${folder}`, 'data');
    run('tar', '--extract', `--file=${join(copy, 'data.tar')}`, `--directory=${copy}`);
    await serves(await scene.start({}, copy), tokens);
  });
});
