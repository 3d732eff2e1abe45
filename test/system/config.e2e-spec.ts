import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Scene, type Variables } from './support/service.js';

const scene = new Scene();
afterEach(() => scene.clear());

/** How a start with these variables fails. */
async function refusal(variables: Variables): Promise<string> {
  const folder = scene.folder();
  const service = scene.spawn(variables, folder);
  await expect(service.exit()).resolves.toEqual({ code: 1, signal: null });
  // It looks at its settings before it touches anything.
  expect(existsSync(join(folder, 'data'))).toBe(false);
  expect(service.output).not.toMatch(/^\s+at /m);
  return service.output;
}

const faultsIn = (output: string): string[] => [...output.matchAll(/^\s+- ([A-Z_]+) /gm)].map((match) => match[1]!);

describe('faulty settings', () => {
  it('are listed all at once, by name and never by value', async () => {
    const faulty = {
      NODE_ENV: 'faulty-staging',
      PORT: 'faulty-port',
      PUBLIC_URL: 'faulty-url',
      SECRET_KEY: 'ZmF1bHR5LXNlY3JldA==',
      DATABASE_URL: 'mysql://root:faulty-password@db.example.com/x',
      JWT_ALG: 'faulty-alg',
      ACCESS_TOKEN_TTL: '77h',
      CORS_ORIGINS: 'faulty.example.com/path',
      TRUSTED_PROXIES: '10.0.0.0/faulty',
      RATE_LIMITS: 'faulty-flag',
      ADMIN_PASSWORD: 'faulty-admin-password',
      LOG_LEVEL: 'faulty-level',
    };
    const output = await refusal(faulty);
    expect(faultsIn(output).toSorted()).toEqual(
      [...Object.keys(faulty).filter((name) => name !== 'ADMIN_PASSWORD'), 'ADMIN_EMAIL'].toSorted(),
    );
    for (const value of Object.values(faulty)) expect(output).not.toContain(value);
    expect(output).not.toMatch(/faulty-|faulty\.example/);
  });

  it('are refused also where only two of them together are wrong', async () => {
    expect(faultsIn(await refusal({ JWT_ALG: 'HS256' }))).toEqual(['JWT_SECRET']);
    expect(faultsIn(await refusal({ SESSION_IDLE_LIMIT: '90d', SESSION_ABSOLUTE_LIMIT: '30d' }))).toEqual([
      'SESSION_IDLE_LIMIT',
    ]);
  });
});

describe('NODE_ENV=production', () => {
  const SOUND: Variables = {
    NODE_ENV: 'production',
    PUBLIC_URL: 'https://auth.example.com',
    DATABASE_URL: 'postgresql://countersign:secret@db.invalid/countersign',
  };
  const development: Record<string, [Variables, string]> = {
    'no SECRET_KEY': [{ SECRET_KEY: undefined }, 'SECRET_KEY'],
    'a short SECRET_KEY': [{ SECRET_KEY: Buffer.from('0123456789abcdef').toString('base64') }, 'SECRET_KEY'],
    'a SECRET_KEY without entropy': [{ SECRET_KEY: Buffer.alloc(48, 'ab').toString('base64') }, 'SECRET_KEY'],
    'an http issuer': [{ PUBLIC_URL: 'http://auth.example.com' }, 'PUBLIC_URL'],
    'an http issuer that looks like the loopback': [{ PUBLIC_URL: 'http://localhost.example.com' }, 'PUBLIC_URL'],
    'wildcard CORS': [{ CORS_ORIGINS: '*' }, 'CORS_ORIGINS'],
    'the embedded database': [{ DATABASE_URL: undefined }, 'DATABASE_URL'],
    'a generated password of the administrator': [{ ADMIN_EMAIL: 'root@example.com' }, 'ADMIN_PASSWORD'],
    'no rate limits': [{ RATE_LIMITS: 'false' }, 'RATE_LIMITS'],
  };
  for (const [what, [variables, name]] of Object.entries(development)) {
    it(`refuses ${what}`, async () => {
      expect(faultsIn(await refusal({ ...SOUND, ...variables }))).toEqual([name]);
    });
  }

  it('lists several development values at once', async () => {
    const output = await refusal({ ...SOUND, SECRET_KEY: undefined, CORS_ORIGINS: '*', DATABASE_URL: undefined });
    expect(faultsIn(output).toSorted()).toEqual(['CORS_ORIGINS', 'DATABASE_URL', 'SECRET_KEY']);
  });

  it('starts with the embedded database where that was asked for, shows no Swagger UI and makes no administrator', async () => {
    const service = await scene.start({
      ...SOUND,
      DATABASE_URL: undefined,
      EMBEDDED_DATABASE: 'always',
      PUBLIC_URL: 'http://127.0.0.1:3000',
    });
    expect(service.output).toMatch(/Environment\s+production/);
    expect(service.output).not.toContain('administrator');
    for (const path of ['/docs', '/docs-json']) expect((await service.http.get(path)).status).toBe(404);
    expect((await service.http.get('/health/ready')).status).toBe(200);
  });
});
