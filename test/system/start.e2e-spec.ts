import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeToken } from '../support/decode-token.js';
import { isRunning, listeningSockets } from './support/processes.js';
import { REPOSITORY, Scene, type Service } from './support/service.js';

const scene = new Scene();
afterEach(() => scene.clear());

// A newcomer sets nothing at all.
const NEWCOMER = {
  NODE_ENV: undefined,
  PUBLIC_URL: undefined,
  SECRET_KEY: undefined,
  LOG_LEVEL: undefined,
};
const GENERATED = /First administrator: (\S+)\n\s+Password \(shown this once\): (\S+)\n/;

const login = (service: Service, email: string, password: string) =>
  service.http.post<{ access_token: string }>('/auth/login', { email, password });

/** The roles that the token of a fresh login states. */
async function rolesOf(service: Service, email: string, password: string): Promise<unknown> {
  const { body } = await login(service, email, password);
  return (await service.http.get<{ roles: string[] }>('/auth/me', { token: body.access_token })).body.roles;
}

describe('a newcomer starts the service in a fresh folder', () => {
  it('reads where everything is, and what to do next', async () => {
    const service = await scene.start(NEWCOMER);
    const lines = service.output.split('\n');
    const line = (label: string) => lines.find((text) => text.trim().startsWith(label));
    expect(line('Countersign')).toMatch(/Countersign \d+\.\d+\.\d+/);
    expect(line('Public URL')).toMatch(/http:\/\/localhost:\d+/);
    expect(line('Swagger UI')).toMatch(/http:\/\/localhost:\d+\/docs/);
    expect(line('Database')).toMatch(/embedded PostgreSQL in .*\/data/);
    expect(line('Environment')).toContain('development');
    expect(line('Mailbox')).toMatch(/\w/);
    expect(line('Next:')).toMatch(/\/auth\/login/);
    // What was logged at start comes before, not behind.
    expect(lines.findLast((text) => text.trim() !== '')).toBe(line('Next:'));
    expect(lines.length).toBeLessThan(30);
    expect(Math.max(...lines.map((text) => text.length))).toBeLessThan(200);
  });

  it('is shown the first administrator once, who can sign in also after the next start', async () => {
    const folder = scene.folder();
    const first = await scene.start(NEWCOMER, folder);
    const [, email = '', password = ''] = GENERATED.exec(first.output) ?? [];
    expect(password.length).toBeGreaterThanOrEqual(12);
    expect(first.output.split(password)).toHaveLength(2);
    await expect(rolesOf(first, email, password)).resolves.toContain('admin');
    await expect(first.stop()).resolves.toEqual({ code: 0, signal: null });

    const second = await scene.start(NEWCOMER, folder);
    expect(second.output).not.toContain('administrator');
    expect(second.output).not.toContain(password);
    await expect(rolesOf(second, email, password)).resolves.toContain('admin');
  });

  it('keeps tokens over a restart, although no secret was set', async () => {
    const folder = scene.folder();
    // With PORT=0 alone, every start would be an issuer of its own.
    const variables = { ...NEWCOMER, PUBLIC_URL: 'http://localhost:3000' };
    const first = await scene.start(variables, folder);
    const [, email = '', password = ''] = GENERATED.exec(first.output)!;
    const { body } = await login(first, email, password);
    await first.stop();
    const second = await scene.start(variables, folder);
    const { status } = await second.http.get('/auth/me', { token: body.access_token });
    expect(status).toBe(200);
  });

  it('with PORT=0 on a port that banner, metadata and tokens agree on', async () => {
    const service = await scene.start(NEWCOMER);
    const issuer = `http://localhost:${new URL(service.url).port}`;
    expect(service.output).toContain(`Public URL   ${issuer} `);
    const { body: metadata } = await service.http.get<{ issuer: string }>('/.well-known/openid-configuration');
    expect(metadata.issuer).toBe(issuer);
    const [, email = '', password = ''] = GENERATED.exec(service.output)!;
    const { body } = await login(service, email, password);
    expect(decodeToken(body.access_token).claims).toMatchObject({ iss: issuer });
  });

  it('is reachable from this machine alone', async () => {
    const service = await scene.start(NEWCOMER);
    expect(listeningSockets(service.pid)).toEqual({ loopback: 1, elsewhere: 0 });
    expect(listeningSockets(service.postmaster)).toEqual({ loopback: 1, elsewhere: 0 });
  });
});

describe('a newcomer has an old Node', () => {
  it('and reads which one is needed', () => {
    const old = 'Object.defineProperty(process.versions, "node", { value: "20.19.0" })';
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--import', `data:text/javascript,${encodeURIComponent(old)}`, join(REPOSITORY, 'dist/main.js')],
      { encoding: 'utf8' },
    );
    expect([status, stderr]).toEqual([1, expect.stringContaining('needs Node 24')]);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe('an operator names the first administrator', () => {
  const ADMIN = { ADMIN_EMAIL: 'Root@Example.com', ADMIN_PASSWORD: 'a first password of mine' };

  it('who signs in with that password, which is never shown', async () => {
    const folder = scene.folder();
    const service = await scene.start({ NODE_ENV: 'development', LOG_LEVEL: 'debug', ...ADMIN }, folder);
    expect(service.output).toContain(`First administrator: ${ADMIN.ADMIN_EMAIL}`);
    await expect(rolesOf(service, ADMIN.ADMIN_EMAIL, ADMIN.ADMIN_PASSWORD)).resolves.toContain('admin');
    await service.stop();
    expect(service.output).not.toContain(ADMIN.ADMIN_PASSWORD);
  });

  it('whose password stays as it is when the setting changes later', async () => {
    const folder = scene.folder();
    await (await scene.start(ADMIN, folder)).stop();
    const second = await scene.start({ ...ADMIN, ADMIN_PASSWORD: 'another password of mine' }, folder);
    const { status } = await login(second, ADMIN.ADMIN_EMAIL, 'another password of mine');
    expect(status).toBe(401);
    await expect(rolesOf(second, ADMIN.ADMIN_EMAIL, ADMIN.ADMIN_PASSWORD)).resolves.toContain('admin');
  });

  it('and hears why a password is refused', async () => {
    const service = scene.spawn({ ADMIN_EMAIL: 'root@example.com', ADMIN_PASSWORD: 'password1' });
    const { code } = await service.exit();
    expect(code).toBe(1);
    expect(service.output).toContain('ADMIN_PASSWORD');
    expect(service.output).not.toContain('password1');
    expect(service.output).not.toMatch(/^\s+at /m);
  });
});

describe('a second service starts on the same folder', () => {
  it('refuses with a sentence that names the process, and leaves the first one alone', async () => {
    const folder = scene.folder();
    const first = await scene.start({}, folder);
    const second = scene.spawn({}, folder);
    await expect(second.exit()).resolves.toEqual({ code: 1, signal: null });
    expect(second.output).toMatch(new RegExp(`The embedded database in \\S+ is in use by process ${first.pid} `));
    expect(second.output).toContain('DATA_DIR is the setting');
    expect(second.output).not.toMatch(/^\s+at /m);
    const { status } = await first.http.get('/health/ready');
    expect(status).toBe(200);
  });
});

describe('the port is in use', () => {
  it('says so by number, and leaves no database running', async () => {
    const occupant = createServer();
    await new Promise<void>((resolve) => void occupant.listen(0, '127.0.0.1', resolve));
    const { port } = occupant.address() as { port: number };
    const service = scene.spawn({ PORT: String(port) });
    let postmaster = 0;
    while (!service.hasEnded) {
      postmaster = service.postmaster || postmaster;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await expect(service.exit()).resolves.toEqual({ code: 1, signal: null });
    expect(service.output).toMatch(new RegExp(`${port}.*in use`));
    expect(service.output).toContain('PORT');
    expect(service.output).not.toMatch(/^\s+at /m);
    expect(postmaster).toBeGreaterThan(0);
    expect(isRunning(postmaster)).toBe(false);
    await new Promise((resolve) => occupant.close(resolve));
  });
});
