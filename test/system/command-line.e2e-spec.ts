import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { countersign } from './support/command-line.js';
import { until } from './support/processes.js';
import { PASSWORD, Scene, type Service } from './support/service.js';

const scene = new Scene();
afterEach(() => scene.clear());

describe('an operator who types', () => {
  it.each([
    ['--help', 0],
    ['keys', 2],
    ['nonsense', 2],
    ['keys rotate --emergencie', 2],
    ['doctor surplus', 2],
    ['users create-admin --email nobody', 2],
  ])('"%s" learns what there is', async (words, code) => {
    const outcome = await countersign(scene.folder(), words);
    expect([outcome.code, outcome.out + outcome.err]).toEqual([code, expect.stringMatching(/usage:|--email must be/)]);
    expect(outcome.err).not.toMatch(/^\s+at /m);
  });
});

describe('beside a running service the command line', () => {
  const issuer = { PUBLIC_URL: 'http://localhost:3000' };
  const login = (service: Service, email: string, password: string) =>
    service.http.post<{ access_token: string }>('/auth/login', { email, password });

  it('creates an administrator with a password of its own, or with that of standard input', async () => {
    const folder = scene.folder();
    const service = await scene.start(issuer, folder);
    const made = await countersign(folder, 'users create-admin --email ops@example.com', issuer);
    const [, password = ''] = /shown this once\): (\S+)/.exec(made.out) ?? [];
    const { body } = await login(service, 'ops@example.com', password);
    const token = body.access_token;
    expect((await service.http.get<{ roles: string[] }>('/auth/me', { token })).body.roles).toContain('admin');
    const given = await countersign(
      folder,
      'users create-admin --email b@example.com --password-stdin',
      issuer,
      `${PASSWORD}\n`,
    );
    expect([given.code, given.out]).toEqual([0, expect.not.stringContaining(PASSWORD)]);
    expect((await login(service, 'b@example.com', PASSWORD)).status).toBe(200);
    const taken = await countersign(folder, 'users create-admin --email b@example.com', issuer);
    expect([taken.code, taken.err]).toEqual([1, expect.stringContaining('exists')]);
    const weak = await countersign(
      folder,
      'users create-admin --email c@example.com --password-stdin',
      issuer,
      'password1',
    );
    expect([weak.code, weak.err]).toEqual([1, expect.stringContaining('password')]);
  });

  it('publishes the next key, and replaces a leaked one everywhere', async () => {
    const folder = scene.folder();
    const service = await scene.start(issuer, folder);
    await service.http.post('/auth/register', { email: 'alice@example.com', password: PASSWORD });
    const { body } = await login(service, 'alice@example.com', PASSWORD);
    const kids = async () => {
      const { keys } = (await service.http.get<{ keys: { kid: string }[] }>('/.well-known/jwks.json')).body;
      return keys.map(({ kid }) => kid);
    };
    const [leaked] = await kids();
    const rotated = await countersign(folder, 'keys rotate', issuer);
    expect([rotated.code, rotated.out]).toEqual([0, expect.stringContaining('published')]);
    await until('the service has heard of the new key', async () => (await kids()).length === 2);
    const replaced = await countersign(folder, 'keys rotate --emergency', issuer);
    expect([replaced.code, replaced.out]).toEqual([0, expect.not.stringContaining(leaked!)]);
    const me = () => service.http.get('/auth/me', { token: body.access_token });
    await until('the service refuses tokens of the leaked key', async () => (await me()).status === 401);
    expect(await kids()).not.toContain(leaked);
  });
});

describe('the doctor', () => {
  it('finds nothing wrong with a service that runs', async () => {
    const folder = scene.folder();
    const service = await scene.start({ PUBLIC_URL: undefined }, folder);
    const { code, out } = await countersign(folder, 'doctor', {
      PUBLIC_URL: service.url.replace('127.0.0.1', 'localhost'),
    });
    expect(out).not.toMatch(/^(warn|FAIL)/m);
    expect(out.match(/^ok {4}\w+/gm)?.length).toBeGreaterThan(6);
    expect(code).toBe(0);
  });

  it.each([
    [
      'every setting that is wrong',
      { PORT: 'x', JWT_ALG: 'none' },
      [/FAIL {2}settings .*PORT/, /FAIL {2}settings .*JWT_ALG/],
    ],
    [
      'that PostgreSQL is away',
      { DATABASE_URL: 'postgres://u:secret-of-ours@127.0.0.1:1/auth' },
      [/FAIL {2}database .*cannot be reached/],
    ],
    ['that Redis is away', { REDIS_URL: 'redis://:secret-of-ours@127.0.0.1:1' }, [/FAIL {2}limits .*ECONNREFUSED/]],
  ])('names %s, and no secret', async (_, variables, expected) => {
    const { code, out, err } = await countersign(scene.folder(), 'doctor', variables);
    for (const line of expected) expect(out).toMatch(line);
    expect(out + err).not.toContain('secret-of-ours');
    expect(out).toContain('→');
    expect(code).toBe(1);
  });

  it('says that SECRET_KEY is not the one of this database', async () => {
    const folder = scene.folder();
    await (await scene.start({}, folder)).stop();
    const { code, out } = await countersign(folder, 'doctor', { SECRET_KEY: randomBytes(32).toString('base64') });
    expect([code, out]).toEqual([1, expect.stringMatching(/FAIL {2}keys .*SECRET_KEY does not open/)]);
  });

  it('changes nothing of a database that lacks migrations', async () => {
    const { code, out } = await countersign(scene.folder(), 'doctor');
    expect([code, out]).toEqual([0, expect.stringMatching(/warn {2}schema/)]);
    expect(out).not.toMatch(/ keys /);
  });
});
