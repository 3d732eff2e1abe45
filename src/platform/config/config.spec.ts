import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConfigError, loadConfig, readEnvironment, type Environment } from './config.js';
import type { Setting } from './setting.js';
import { SETTINGS } from './settings.js';

const keyOf = (seed: number): string =>
  Buffer.from(Array.from({ length: 32 }, (_, i) => i * 7 + seed)).toString('base64');
const SECRET_KEY = keyOf(1);
const JWT_SECRET = keyOf(2);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'countersign-config-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const load = (environment: Environment = {}) => loadConfig({ SECRET_KEY, DATA_DIR: directory, ...environment });

/** Returns the faults without their explanations. */
function faultsOf(environment: Environment): string[] {
  try {
    load(environment);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).faults;
  }
}
const named = (name: string) => expect.stringMatching(new RegExp(`^${name} `)) as string;

describe('an empty environment', () => {
  it('is a development set-up', () => {
    expect(loadConfig({ DATA_DIR: directory })).toMatchObject({
      environment: 'development',
      production: false,
      host: '127.0.0.1',
      port: 3000,
      publicUrl: 'http://localhost:3000',
      databaseUrl: null,
      databaseDirectUrl: null,
      signingAlgorithm: 'ES256',
      signingSecret: null,
      tokenType: 'at+jwt',
      audience: 'api',
      clientId: 'web',
      accessTokenTtl: 600,
      tokenRoles: true,
      tokenEmail: true,
      keyPublishAhead: 86_400,
      keyRotationInterval: 90 * 86_400,
      sessionIdleLimit: 30 * 86_400,
      sessionAbsoluteLimit: 180 * 86_400,
      hashMemoryKib: 19_456,
      hashPasses: 2,
      hashParallelism: 1,
      rateLimits: true,
      trustedProxies: [],
      corsOrigins: [],
      docs: 'auto',
      logLevel: 'info',
    });
  });

  it('is reached at the port that it listens on', () => {
    expect(load({ PORT: '4000' }).publicUrl).toBe('http://localhost:4000');
    expect(load({ PORT: '4000', PUBLIC_URL: 'http://127.0.0.1' }).publicUrl).toBe('http://127.0.0.1');
  });

  it('keeps its data in .data of the working directory', () => {
    expect(loadConfig({ SECRET_KEY }).dataDirectory).toBe(resolve('.data'));
  });
});

describe('a variable', () => {
  it('is absent when it is empty', () => {
    const empty = Object.fromEntries((Object.values(SETTINGS) as Setting<unknown>[]).map(({ env }) => [env, '']));
    expect(load({ ...empty, SECRET_KEY, DATA_DIR: directory })).toEqual(load());
    expect(faultsOf({ ...empty, NODE_ENV: 'production', SECRET_KEY: '' })).toContainEqual(named('SECRET_KEY'));
  });

  it('means what its setting says', () => {
    const config = load({
      PORT: '0',
      ACCESS_TOKEN_TTL: '1m',
      ACCESS_TOKEN_EMAIL: 'false',
      CORS_ORIGINS: 'https://a.example',
    });
    expect(config).toMatchObject({
      port: 0,
      accessTokenTtl: 60,
      tokenEmail: false,
      corsOrigins: ['https://a.example'],
    });
    expect(config.secretKey).toEqual(Buffer.from(SECRET_KEY, 'base64'));
  });

  it('may be one that nobody knows', () => expect(faultsOf({ PATH: '/bin', SECRET: 'x' })).toEqual([]));
});

describe('the faults', () => {
  const POISON = 'Zq7~poison~value';

  it('are listed all at once, by name and never by value', () => {
    const settings = (Object.values(SETTINGS) as Setting<unknown>[]).filter(({ form }) => form !== 'text');
    expect(settings.length).toBeGreaterThan(20);
    const environment = Object.fromEntries(settings.map(({ env }) => [env, POISON]));
    const attempt = () => load({ ...environment, ADMIN_EMAIL: POISON });
    expect(faultsOf({ ...environment, ADMIN_EMAIL: POISON })).toEqual([
      ...settings.map(({ env }) => named(env)),
      named('ADMIN_EMAIL'),
    ]);
    expect(attempt).toThrow(`The configuration has ${settings.length + 1} faults:\n  - NODE_ENV must be`);
    expect(attempt).not.toThrow(POISON);
  });

  it('of one variable hide none of another kind', () => {
    const environment = {
      NODE_ENV: 'production',
      PORT: 'x',
      PUBLIC_URL: 'x',
      CORS_ORIGINS: '*',
      SESSION_IDLE_LIMIT: '181d',
    };
    expect(faultsOf(environment)).toEqual(
      ['PORT', 'PUBLIC_URL', 'SESSION_IDLE_LIMIT', 'CORS_ORIGINS', 'DATABASE_URL'].map(named),
    );
  });

  it('are counted in words', () => {
    expect(() => load({ PORT: 'x' })).toThrow(/^The configuration has 1 fault:\n {2}- PORT must be a whole number/);
    expect(() => load({ ADMIN_PASSWORD: 'x' })).toThrow('ADMIN_EMAIL is required with ADMIN_PASSWORD: set it');
  });
});

describe('settings that contradict each other', () => {
  it.each<[string, Environment]>([
    ['JWT_SECRET', { JWT_ALG: 'HS256' }],
    ['JWT_SECRET', { JWT_ALG: 'ES256', JWT_SECRET }],
    ['JWT_SECRET', { JWT_ALG: 'RS256', JWT_SECRET }],
    ['JWT_SECRET', { JWT_ALG: 'HS256', JWT_SECRET: SECRET_KEY }],
    ['ADMIN_EMAIL', { ADMIN_EMAIL: 'nobody' }],
    ['ADMIN_EMAIL', { ADMIN_PASSWORD: 'a password' }],
    ['PASSWORD_HOOK_URL', { PASSWORD_HOOK_URL: 'https://old.example.com' }],
    ['PASSWORD_HOOK_URL', { PASSWORD_HOOK_SECRET: JWT_SECRET }],
    ['PASSWORD_HOOK_SECRET', { PASSWORD_HOOK_URL: 'https://old.example.com', PASSWORD_HOOK_SECRET: 'short' }],
    ['SESSION_IDLE_LIMIT', { SESSION_IDLE_LIMIT: '2d', SESSION_ABSOLUTE_LIMIT: '1d' }],
  ])('are refused by the name of %s: %j', (name, environment) => expect(faultsOf(environment)).toEqual([named(name)]));

  it.each<[string, Environment]>([
    ['HS256 with a secret', { JWT_ALG: 'HS256', JWT_SECRET }],
    ['equal limits of a session', { SESSION_IDLE_LIMIT: '1d', SESSION_ABSOLUTE_LIMIT: '24h' }],
    ['an administrator without a password', { ADMIN_EMAIL: 'admin@example.com' }],
    ['an administrator', { ADMIN_EMAIL: 'admin@example.com', ADMIN_PASSWORD: 'a password' }],
  ])('are not %s', (_, environment) => expect(faultsOf(environment)).toEqual([]));

  it('are told apart by the secret itself, not by its spelling', () => {
    const hex = Buffer.from(SECRET_KEY, 'base64').toString('hex');
    expect(faultsOf({ JWT_ALG: 'HS256', JWT_SECRET: hex })).toEqual([named('JWT_SECRET')]);
  });
});

describe('production', () => {
  const production: Environment = {
    NODE_ENV: 'production',
    SECRET_KEY,
    PUBLIC_URL: 'https://auth.example.com',
    DATABASE_URL: 'postgres://user:secret@db/countersign',
  };

  it('starts with what it needs', () => {
    expect(load(production)).toMatchObject({ production: true, environment: 'production' });
  });

  it.each<[string, Environment]>([
    ['SECRET_KEY', { SECRET_KEY: undefined }],
    ['SECRET_KEY', { SECRET_KEY: Buffer.alloc(31, SECRET_KEY).toString('base64') }],
    ['SECRET_KEY', { SECRET_KEY: 'change-me' }],
    ['SECRET_KEY', { SECRET_KEY: 'A'.repeat(64) }],
    ['SECRET_KEY', { SECRET_KEY: 'this-is-a-very-long-secret-key-for-production-use' }],
    ['JWT_SECRET', { JWT_ALG: 'HS256', JWT_SECRET: 'change-me-to-something-long-and-random-please' }],
    ['PUBLIC_URL', { PUBLIC_URL: undefined }],
    ['PUBLIC_URL', { PUBLIC_URL: 'http://auth.example.com' }],
    ['PUBLIC_URL', { PUBLIC_URL: 'http://localhost.example.com' }],
    ['PUBLIC_URL', { PUBLIC_URL: 'http://127.0.0.1.example.com' }],
    ['PUBLIC_URL', { PUBLIC_URL: 'http://10.0.0.1' }],
    ['PUBLIC_URL', { PUBLIC_URL: 'http://0.0.0.0:3000' }],
    ['PUBLIC_URL', { PUBLIC_URL: 'http://[::2]' }],
    ['CORS_ORIGINS', { CORS_ORIGINS: '*' }],
    ['DATABASE_URL', { DATABASE_URL: undefined }],
    ['DATABASE_URL', { DATABASE_URL: undefined, EMBEDDED_DATABASE: 'development' }],
    ['ADMIN_PASSWORD', { ADMIN_EMAIL: 'admin@example.com' }],
    ['RATE_LIMITS', { RATE_LIMITS: 'false' }],
  ])('refuses %s of %j', (name, environment) => {
    expect(faultsOf({ ...production, ...environment })).toEqual([named(name)]);
  });

  it.each<[string, Environment]>([
    ['http to localhost', { PUBLIC_URL: 'http://localhost:3000' }],
    ['http to 127.0.0.0/8', { PUBLIC_URL: 'http://127.1.2.3' }],
    ['http to ::1', { PUBLIC_URL: 'http://[::1]:3000' }],
    ['exact CORS origins', { CORS_ORIGINS: 'https://app.example.com' }],
    ['the embedded database when it is told to', { DATABASE_URL: undefined, EMBEDDED_DATABASE: 'always' }],
    ['an administrator with a password', { ADMIN_EMAIL: 'admin@example.com', ADMIN_PASSWORD: 'a password' }],
  ])('takes %s', (_, environment) => expect(faultsOf({ ...production, ...environment })).toEqual([]));

  it.each(['development', 'test'])('is what refuses these: %s takes them', (environment) => {
    const lax = {
      NODE_ENV: environment,
      PUBLIC_URL: 'http://auth.example.com',
      CORS_ORIGINS: '*',
      RATE_LIMITS: 'false',
    };
    expect(faultsOf({ ...lax, SECRET_KEY: undefined, ADMIN_EMAIL: 'admin@example.com' })).toEqual([]);
    expect(load(lax).production).toBe(false);
  });

  it('generates no secret', () => {
    expect(faultsOf({ ...production, SECRET_KEY: undefined })).toHaveLength(1);
    expect(existsSync(join(directory, 'secret.key'))).toBe(false);
  });
});

describe('the configuration', () => {
  it('is frozen, its lists too', () => {
    const config = load({ CORS_ORIGINS: 'https://a.example', TRUSTED_PROXIES: '10.0.0.0/8' });
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.corsOrigins)).toBe(true);
    expect(Object.isFrozen(config.trustedProxies)).toBe(true);
  });
});

describe('the secret of a development set-up', () => {
  const generated = () => loadConfig({ DATA_DIR: directory }).secretKey;

  it('is made once, with 32 random bytes, for its owner alone', () => {
    const secret = generated();
    expect(secret).toHaveLength(32);
    expect(generated()).toEqual(secret);
    const file = join(directory, 'secret.key');
    expect(Buffer.from(readFileSync(file, 'utf8'), 'base64')).toEqual(secret);
    expect(statSync(file).mode & 0o077).toBe(0);
    rmSync(file);
    expect(generated()).not.toEqual(secret);
  });

  it('is made in a folder that does not exist yet', () => {
    expect(loadConfig({ DATA_DIR: join(directory, 'a', 'b') }).secretKey).toHaveLength(32);
  });

  it('is not made where there is a SECRET_KEY', () => {
    load();
    expect(existsSync(join(directory, 'secret.key'))).toBe(false);
  });

  it.each(['', '\n', 'AAAA', 'not base64 at all!'])('never comes out of a broken file: %j', (content) => {
    writeFileSync(join(directory, 'secret.key'), content);
    let secret: Buffer | null = null;
    try {
      secret = generated();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
    }
    expect(secret?.length ?? 32).toBeGreaterThanOrEqual(32);
  });
});

describe('the environment', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  /** Reads the environment in a working directory with this `.env`. */
  function readWith(file: string | null): Environment {
    const here = process.cwd();
    const folder = join(directory, 'cwd');
    mkdirSync(folder);
    if (file !== null) writeFileSync(join(folder, '.env'), file);
    process.chdir(folder);
    try {
      return readEnvironment();
    } finally {
      process.chdir(here);
    }
  }

  it('is that of the process over the one of .env', () => {
    vi.stubEnv('COUNTERSIGN_A', 'of the process');
    const environment = readWith('COUNTERSIGN_A=of the file\n# a comment\nCOUNTERSIGN_B="of the file"\n');
    expect(environment).toMatchObject({ COUNTERSIGN_A: 'of the process', COUNTERSIGN_B: 'of the file' });
  });

  it('needs no .env', () => {
    vi.stubEnv('COUNTERSIGN_A', 'of the process');
    expect(readWith(null)).toMatchObject({ COUNTERSIGN_A: 'of the process' });
  });
});
