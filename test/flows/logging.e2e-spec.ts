import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { createDatabase } from '../support/database.js';
import { testEnvironment } from '../support/environment.js';
import type { HttpClient } from '../support/http-client.js';
import { ServiceProcess, soon } from './service-process.js';

type Line = Record<string, unknown>;

const ADMIN = { email: 'admin@example.com', password: 'first secret pass phrase' };
const OWN = 'own secret pass phrase';
const NEXT = 'next secret pass phrase';
const WRONG = 'wrong secret pass phrase';
const WEAK = 'secret7';
const IMPORTED = '$2b$04$mkESvV3LB9EIhIF6nFx8kOjpzkEbs/mhlIen7ZpophRXLEe7jiyVW';

describe('the log of a full tour', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let sql: Client;
  let service: ServiceProcess;
  let http: HttpClient;
  const secrets = new Set([ADMIN.password, OWN, NEXT, WRONG, WEAK, IMPORTED, testEnvironment()['SECRET_KEY']!]);
  beforeAll(async () => {
    database = await createDatabase();
    sql = new Client({ connectionString: database.url });
    await sql.connect();
    const environment = { LOG_LEVEL: 'debug', ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password };
    ({ service, http } = await ServiceProcess.start({ DATABASE_URL: database.url, ...environment }));
    await tour();
    await http.get('/health/live', { headers: { 'x-request-id': 'the-last-one' } });
    await soon(() => Promise.resolve(service.output.includes('the-last-one')));
  });
  afterAll(async () => {
    await service?.kill();
    await sql.end();
    await database.drop();
  });

  const remember = ({ access_token, refresh_token }: TokenResponse): void => {
    for (const part of [access_token, ...access_token.split('.').slice(1), refresh_token]) secrets.add(part);
  };
  const login = async (email: string, password: string) => {
    const answer = await http.post<TokenResponse>('/auth/login', { email, password });
    for (const cookie of answer.headers.getSetCookie()) secrets.add(cookie.split(';')[0]!.split('=')[1]!);
    if (answer.status === 200) remember(answer.body);
    return answer;
  };

  async function tour(): Promise<void> {
    const email = 'walter@example.com';
    await http.post('/auth/register', { email, password: WEAK });
    await http.post('/auth/register', { email, password: OWN });
    await http.post('/auth/register', { email, password: OWN });
    await login(email, WRONG);
    const { body: tokens } = await login(email, OWN);
    const token = tokens.access_token;
    for (const path of ['/auth/me', '/users/me', '/sessions', '/users', '/nowhere']) await http.get(path, { token });
    await http.get(`/auth/me?access_token=${token}&password=${OWN}`);
    await http.post('/gateway/verify', undefined, { token });
    await http.get(`/keys/${tokens.refresh_token}.pem`);
    await http.get('/auth/me', { token: `${token}x` });
    await http.post('/auth/login', `{"email":"${email}","password":"${OWN}"`);
    await http.post('/auth/login', { email, password: OWN, [OWN]: OWN });
    const refresh = (refresh_token: string) => http.post<TokenResponse>('/auth/refresh', { refresh_token });
    const { body: second } = await refresh(tokens.refresh_token);
    remember(second);
    remember((await refresh(second.refresh_token)).body);
    await http.post('/auth/password', { current_password: WRONG, new_password: NEXT }, { token });
    await http.post('/auth/password', { current_password: OWN, new_password: NEXT }, { token });
    await refresh(tokens.refresh_token); // theft
    await administer();
    await fail(email);
    const { rows } = await sql.query<{ hash: string }>('SELECT hash FROM passwords');
    for (const { hash } of rows) secrets.add(hash);
  }

  async function administer(): Promise<void> {
    const { body: tokens } = await login(ADMIN.email, ADMIN.password);
    const token = tokens.access_token;
    await http.post('/users', { email: 'imported@example.com', password_hash: IMPORTED }, { token });
    await http.post('/users', { email: 'imported@example.com', password_hash: IMPORTED }, { token });
    await http.post('/users', { email: 'bad@example.com', password_hash: `${IMPORTED}x` }, { token });
    await http.post('/keys/rotate', { emergency: true }, { token });
    await http.post('/auth/logout', { refresh_token: tokens.refresh_token });
  }

  /** Faults of ours, whose causes are logged. */
  async function fail(email: string): Promise<void> {
    for (const [table, column] of [
      ['passwords', 'updated_at'],
      ['sessions', 'user_agent'],
    ]) {
      await sql.query(`ALTER TABLE ${table} RENAME COLUMN ${column} TO broken_by_test`);
      await login(email, NEXT);
      await http.post('/auth/register', { email: 'unlucky@example.com', password: OWN });
      await sql.query(`ALTER TABLE ${table} RENAME COLUMN broken_by_test TO ${column}`);
    }
  }

  const logLines = () => service.output.split('\n').filter((line) => line.startsWith('{'));
  const lines = (): Line[] => logLines().map((line) => JSON.parse(line) as Line);
  const requests = () => lines().filter(({ event }) => event === 'request');

  it('is one JSON object a line, with level and time', () => {
    expect(logLines().length).toBeGreaterThan(40);
    for (const line of lines()) {
      expect(line).toMatchObject({ level: expect.stringMatching(/^(debug|info|warn|error)$/) });
      expect(new Date(line['time'] as string).toISOString()).toBe(line['time']);
    }
  });

  it('holds no password, token, cookie or hash', () => {
    expect(secrets.size).toBeGreaterThan(20);
    const forms = /\$argon2|\$2b\$|csr_|eyJ|PRIVATE KEY|[Bb]earer /;
    const escaped = [...secrets].map((secret) => JSON.stringify(secret).slice(1, -1));
    const leaks = service.output
      .split('\n')
      .filter((line) => forms.test(line) || escaped.some((secret) => line.includes(secret)));
    expect(leaks).toEqual([]);
  });

  it('names of every request its id, method, route, status and time, and never its URL', () => {
    expect(requests().length).toBeGreaterThan(25);
    for (const line of requests()) {
      expect(line).toMatchObject({
        request_id: expect.stringMatching(/^[\w-]{8,64}$/),
        method: expect.stringMatching(/^[A-Z]+$/),
        route: expect.stringMatching(/^(unknown|\/)/),
        status: expect.any(Number),
        ms: expect.any(Number),
        address: '127.0.0.1',
      });
      expect(line['route']).not.toContain('?');
    }
    expect(requests()).toContainEqual(expect.objectContaining({ route: '/keys/:kid.pem', status: 404 }));
    const ids = requests().map((line) => line['request_id']);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('names the cause of a fault of ours, under the id that the caller has', () => {
    const faults = lines().filter(({ event }) => event === 'internal');
    expect(faults).toHaveLength(2);
    const failed = requests().filter(({ status }) => status === 500);
    const idsOf = (events: Line[]) => new Set(events.map((event) => event['request_id']));
    expect(idsOf(faults)).toEqual(idsOf(failed));
    for (const fault of faults) expect(JSON.stringify(fault)).toContain('does not exist');
  });

  it('names who asked, once they are known', () => {
    const me = requests().find(({ route, status }) => route === '/users/me' && status === 200);
    expect(me).toMatchObject({ user_id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  });

  it('has successful reads at the level debug, everything else above', () => {
    const levelOf = (route: string, status: number) =>
      requests().find((line) => line['route'] === route && line['status'] === status)?.['level'];
    expect(levelOf('/users/me', 200)).toBe('debug');
    // By POST, too: a verdict changes nothing.
    expect(levelOf('/gateway/verify', 200)).toBe('debug');
    expect(levelOf('/users', 403)).toBe('info');
    expect(levelOf('/auth/login', 200)).toBe('info');
    expect(levelOf('/auth/register', 500)).toBe('error');
  });
});

describe('the logger of the service', () => {
  const source = (path: string) => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);

  /** What a process of its own has written by its end, whatever that was: killed where it has written `last`. */
  async function written(statements: string, last?: string): Promise<string[]> {
    const program = `
      import ${source('settings.ts')};
      import { createLogger } from ${source('platform/logging/logger.ts')};
      import { loadConfig } from ${source('platform/config/config.ts')};
      const logger = await createLogger(loadConfig(${JSON.stringify(testEnvironment({ LOG_LEVEL: 'info' }))}));
      ${statements}`;
    const options = { cwd: fileURLToPath(new URL('.', import.meta.url)) };
    const hooks = new URL('../support/from-sources.mjs', import.meta.url).href;
    const running = promisify(execFile)(
      process.execPath,
      ['--import', hooks, '--input-type=module', '--eval', program],
      options,
    );
    running.child.stdout!.on('data', (text: string) => {
      if (last && text.includes(last)) running.child.kill('SIGKILL');
    });
    const { stdout } = await running.catch((died: { stdout: string }) => died);
    return stdout.split('\n').filter(Boolean);
  }

  it('takes secrets out wherever they are, and keeps to its level', async () => {
    const names = ['password', 'current_password', 'new_password', 'password_hash', 'access_token', 'refresh_token'];
    const all = [...names, 'authorization', 'cookie', 'set-cookie', 'secret', 'hash', 'token'];
    const [line, ...rest] = await written(`
      const secrets = Object.fromEntries(${JSON.stringify(all)}.map((name) => [name, 'SECRET']));
      logger.info({ ...secrets, body: secrets, user_id: 'u1' }, 'tour');
      logger.debug('not at this level');`);
    expect(rest).toEqual([]);
    expect(line).not.toContain('SECRET');
    const parsed = JSON.parse(line!) as Line;
    expect(parsed).toMatchObject({ level: 'info', msg: 'tour', user_id: 'u1', body: { password: '[redacted]' } });
  });

  it('writes a warning, and what came before it, before a process can be killed', async () => {
    const lines = await written(`logger.info('before'); logger.warn('mind'); process.kill(process.pid, 'SIGKILL');`);
    expect(lines.map((line) => (JSON.parse(line) as Line).msg)).toEqual(['before', 'mind']);
  });

  it('writes every other line in a moment', async () => {
    const lines = await written(
      `
      for (let n = 0; n < 3; n++) logger.info('line ' + n);
      setInterval(() => undefined, 1_000);`,
      'line 2',
    );
    expect(lines.map((line) => (JSON.parse(line) as Line).msg)).toEqual(['line 0', 'line 1', 'line 2']);
  });

  it.each([
    ['at the end of the process', 'process.exit(3);'],
    ['when something fails', `throw new Error('fault');`],
  ])('writes every other line %s', async (_, end) => {
    const lines = await written(`for (let n = 0; n < 3; n++) logger.info('line ' + n); ${end}`);
    expect(lines.map((line) => (JSON.parse(line) as Line).msg)).toEqual(['line 0', 'line 1', 'line 2']);
  });
});
