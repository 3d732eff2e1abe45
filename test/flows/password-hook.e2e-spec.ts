import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { OldSystem } from '../support/old-system.js';

// Too short for a new password here: it was good enough there.
const OLD_PASSWORD = 'Tang-7';

describe('a person whose password is known to the old system alone', () => {
  let app: TestApp;
  let old: OldSystem;
  beforeAll(async () => {
    old = await OldSystem.start();
    app = await TestApp.start({
      ...old.settings,
      PASSWORD_HOOK_TIMEOUT: '1s',
      RATE_LIMITS: 'false',
      LOG_LEVEL: 'warn',
    });
  });
  beforeEach(() => {
    old.forget();
    app.logLines.length = 0;
  });
  afterAll(async () => {
    await app.close();
    await old.stop();
  });

  let people = 0;
  const newcomer = async (fields: { roles?: string[]; status?: 'active' | 'disabled' } = {}) => {
    const { id, email } = await app.createUser({
      email: `Newcomer${++people}@example.com`,
      password: undefined,
      ...fields,
    });
    old.passwords.set(email, OLD_PASSWORD);
    return { id, email };
  };
  const storedHash = async (id: string): Promise<string | undefined> => {
    const rows = await app.dataSource.query<{ hash: string }[]>('SELECT hash FROM passwords WHERE user_id = $1', [id]);
    return rows[0]?.hash;
  };
  const login = (email: string, password: string) => app.http.post('/auth/login', { email, password });

  it('signs in with it, and from then on without asking there', async () => {
    const { id, email } = await newcomer();
    await app.login(email.toLowerCase(), OLD_PASSWORD);
    expect(old.requests).toEqual([{ email, password: OLD_PASSWORD }]);
    expect(await storedHash(id)).toMatch(/^\$argon2id\$v=19\$m=7168,t=1,p=1\$/);

    old.passwords.set(email, 'changed over there');
    await app.login(email, OLD_PASSWORD);
    expect(old.requests).toHaveLength(1);
    expect((await login(email, 'changed over there')).status).toBe(401);
    expect(old.requests).toHaveLength(2);
    expect(old.strangers).toHaveLength(1);
  });

  it('does not sign in with another, and stays in the old system', async () => {
    const { id, email } = await newcomer();
    expect(await login(email, 'wrong')).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } });
    expect(old.requests).toEqual([{ email, password: 'wrong' }]);
    expect(await storedHash(id)).toBeUndefined();
    await app.login(email, OLD_PASSWORD);
  });

  it('signs in on many devices at the same moment, and has one password', async () => {
    const { id, email } = await newcomer();
    await Promise.all(Array.from({ length: 10 }, () => app.login(email, OLD_PASSWORD)));
    const hash = await storedHash(id);
    await app.login(email, OLD_PASSWORD);
    expect(await storedHash(id)).toBe(hash);
  });

  it.each([
    ['has no account here', () => Promise.resolve({ email: 'nobody@example.com' }), OLD_PASSWORD],
    ['is disabled', () => newcomer({ status: 'disabled' }), OLD_PASSWORD],
    ['has a password here', () => app.createUser(), OLD_PASSWORD],
  ])('is not asked for by name where the person %s', async (_, person, password) => {
    const { email } = await person();
    old.answer = () => ({ body: '{"valid":true}' });
    expect((await login(email, password)).status).toBe(401);
    expect(old.requests).toHaveLength(1);
    expect(old.strangers).toHaveLength(1);
    expect(JSON.stringify(old.requests)).not.toContain(password);
  });

  it('never signs in as an administrator', async () => {
    const { id, email } = await newcomer({ roles: ['admin'] });
    expect((await login(email, OLD_PASSWORD)).status).toBe(401);
    expect(await storedHash(id)).toBeUndefined();
  });

  it('is whom the address names here, whatever the old system says of them', async () => {
    const { id, email } = await newcomer();
    const other = await newcomer();
    old.answer = () => ({ body: JSON.stringify({ valid: true, email: other.email, id: other.id, roles: ['admin'] }) });
    const { access_token: token } = await app.login(email, OLD_PASSWORD);
    const me = await app.http.get<{ id: string; roles: string[] }>('/users/me', { token });
    expect(me.body).toMatchObject({ id, roles: ['user'] });
    expect(await storedHash(other.id)).toBeUndefined();
  });

  it.each([
    ['a fault', { status: 500, body: '{"valid":true}' }],
    ['a refusal of us', { status: 401, body: '{"valid":true}' }],
    ['a redirect', { status: 307, body: '{"valid":true}', headers: { Location: '/elsewhere' } }],
    ['no JSON', { body: 'yes' }],
    ['no object', { body: 'true' }],
    ['a word for a yes', { body: '{"valid":"true"}' }],
    ['a one for a yes', { body: '{"valid":1}' }],
    ['a list', { body: '[{"valid":true}]' }],
    ['an empty object', { body: '{}' }],
    ['an endless answer', { body: `{"valid":true,"more":"${'x'.repeat(20_000)}"}` }],
  ])('cannot sign in where it answers %s; the log says why, and names no password', async (_, answer) => {
    const { id, email } = await newcomer();
    old.answer = () => answer;
    const refused = await login(email, OLD_PASSWORD);
    expect(refused).toMatchObject({ status: 503, body: { code: 'password_hook_unavailable' } });
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(app.logLines.join('')).toContain('password_hook_failed');
    expect(app.logLines.join('')).not.toContain(OLD_PASSWORD);
    expect(await storedHash(id)).toBeUndefined();
  });

  it('cannot sign in where it does not answer', async () => {
    const { email } = await newcomer();
    old.answer = () => new Promise(() => undefined);
    expect((await login(email, OLD_PASSWORD)).status).toBe(503);
    expect(app.logLines.join('')).toContain('no answer in time');
  });

  it('cannot sign in with an answer to a question that was asked before something changed', async () => {
    const { id, email } = await newcomer();
    const asked = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    old.answer = async () => {
      asked.resolve();
      await goOn.promise;
      return { body: '{"valid":true}' };
    };
    const answer = login(email, OLD_PASSWORD);
    await asked.promise;
    await app.dataSource.query('UPDATE users SET credentials_version = credentials_version + 1 WHERE id = $1', [id]);
    goOn.resolve();
    expect((await answer).status).toBe(401);
    expect(await storedHash(id)).toBeUndefined();
  });

  it('is no hindrance to those who have come already', async () => {
    const { email } = await app.createUser();
    old.answer = () => ({ status: 500, body: '' });
    await app.login(email, PASSWORD);
    expect(old.requests).toEqual([]);
  });
});

describe('a service that gives every request its three seconds', () => {
  it('grants a refusal the time of the hook besides', async () => {
    const old = await OldSystem.start();
    const app = await TestApp.start({ ...old.settings, PASSWORD_HOOK_TIMEOUT: '3s' }, { patient: false });
    const { email } = await app.createUser({ password: undefined });
    const answer = await app.http.post('/auth/login', { email, password: 'wrong' });
    expect(answer).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } });
    await app.close();
    await old.stop();
  });
});
