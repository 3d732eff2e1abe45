import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, TestApp } from '../support/create-app.js';

const register = (app: TestApp, body: Record<string, unknown>) =>
  app.http.post<Record<string, unknown>>('/auth/register', { password: PASSWORD, ...body });

describe('somebody registers', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ RATE_LIMITS: 'false' })));
  afterAll(() => app.close());

  it('gets an active account with the role user, shown as typed', async () => {
    const answer = await register(app, { email: 'Ada.Lovelace@Example.COM', display_name: 'Ada' });
    expect(answer.status).toBe(201);
    expect(Object.keys(answer.body)).toEqual([
      'id',
      'email',
      'display_name',
      'locale',
      'status',
      'roles',
      'email_verified_at',
      'created_at',
      'updated_at',
    ]);
    expect(answer.body).toMatchObject({
      email: 'Ada.Lovelace@Example.COM',
      display_name: 'Ada',
      status: 'active',
      roles: ['user'],
      email_verified_at: null,
    });
    // RFC 9562 5.7: version 7, and its first 48 bits are the time.
    const id = String(answer.body['id']);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const createdAt = Date.parse(String(answer.body['created_at']));
    expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(createdAt);
  });

  it.each([
    ['what they choose', { locale: 'es' }, 'de', 'es'],
    ['what their browser prefers', {}, 'fr-CH, en;q=0.5', 'fr'],
    ['none where it is none of ours', {}, 'nl, *;q=0.1', null],
  ])('has as the language of mail %s', async (_, fields, preferred, locale) => {
    const email = `reader-${String(locale)}@example.com`;
    const headers = { 'accept-language': preferred };
    const answer = await app.http.post('/auth/register', { email, password: PASSWORD, ...fields }, { headers });
    expect(answer).toMatchObject({ status: 201, body: { locale } });
  });

  it('keeps the password in a table of its own, as argon2id', async () => {
    const { body } = await register(app, { email: 'hash@example.com' });
    const rows = await app.dataSource.query('SELECT hash FROM passwords WHERE user_id = $1', [body['id']]);
    expect(rows).toEqual([
      { hash: expect.stringMatching(/^\$argon2id\$v=19\$m=7168,t=1,p=1\$[\w+/]{22}\$[\w+/]{43}$/) },
    ]);
    const [user] = await app.dataSource.query('SELECT * FROM users WHERE id = $1', [body['id']]);
    expect(JSON.stringify(user)).not.toContain('argon2');
  });

  it.each([
    ['letter case', 'grace@example.com', 'GRACE@EXAMPLE.COM'],
    ['full-width letters (NFKC)', 'linus@example.com', 'ｌｉｎｕｓ@ｅｘａｍｐｌｅ.com'],
    ['a combining accent and its composed letter', 'zo\u00eb@example.com', 'zoe\u0308@example.com'],
    ['an international domain and its punycode', 'mail@bücher.example', 'mail@xn--bcher-kva.example'],
    ['letter case in an international domain', 'post@zürich.example', 'post@ZÜRICH.example'],
  ])('is refused an address that differs in %s alone', async (_, first, second) => {
    const original = await register(app, { email: first });
    expect(original.status).toBe(201);
    const twin = await register(app, { email: second });
    expect(twin).toMatchObject({ status: 409, body: { code: 'email_taken' } });
  });

  it('is not taken for somebody else whose domain is written with ss instead of ß', async () => {
    // RFC 5894 7.2: two registrable names since IDNA2008.
    expect((await register(app, { email: 'post@straße.example' })).status).toBe(201);
    expect((await register(app, { email: 'post@strasse.example' })).status).toBe(201);
  });

  it('signs in with any spelling of the address', async () => {
    await register(app, { email: 'Jürgen@Bücher-Welt.example' });
    for (const email of ['jürgen@bücher-welt.example', 'JU\u0308RGEN@xn--bcher-welt-9db.example']) {
      expect((await app.login(email)).token_type).toBe('Bearer');
    }
  });

  it('keeps one of two accounts that are registered at the same moment', async () => {
    for (let round = 0; round < 10; round++) {
      const email = `twin${round}@example.com`;
      const answers = await Promise.all(
        [email, email.toUpperCase(), email].map((one) => register(app, { email: one })),
      );
      const statuses = answers.map(({ status }) => status).sort((a, b) => a - b);
      expect(statuses).toEqual([201, 409, 409]);
    }
  });

  it.each([
    ['too_short', 'Xy7!pqz'],
    ['too_long', 'x7Q!'.repeat(65)],
    ['common', 'password1'],
    ['common', 'qwertyuiop'],
    ['service_name', 'Countersign2026'],
    ['email', 'quentin.tarantula1'],
  ])('is told that a password is refused as %s', async (code, password) => {
    const answer = await register(app, { email: 'quentin.tarantula@example.com', password });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'invalid_request', errors: [{ field: 'password', code }] });
    expect(answer.text).not.toContain(password);
  });

  it('may use 8 to 256 code points, however many bytes they take', async () => {
    for (const [email, password] of [
      ['eight@example.com', 'ж7🔐qüxя!'],
      ['long@example.com', '🔐🗝'.repeat(64) + 'correct horse '.repeat(9).slice(0, 128)],
    ] as const) {
      expect((await register(app, { email, password })).status).toBe(201);
      expect((await app.login(email, password)).expires_in).toBe(600);
    }
  });

  it('may type the password on another keyboard: NFKC makes both one', async () => {
    await register(app, { email: 'nfkc@example.com', password: 'Ｇｒｕ\u0308ße ﬁn 12' });
    expect((await app.login('nfkc@example.com', 'Gr\u00fcße fin 12')).expires_in).toBe(600);
  });

  it('hears of every fault at once, by field and code', async () => {
    const { status, body } = await app.http.post('/auth/register', {
      email: 'nobody',
      display_name: '',
      role: 'admin',
    });
    expect(status).toBe(400);
    const { errors } = body as unknown as { errors: { field: string; code: string; message: string }[] };
    expect(errors.map(({ field, code }) => `${field}: ${code}`).sort()).toEqual([
      'display_name: text',
      'email: email',
      'password: required',
      'role: whitelist_validation',
    ]);
    for (const { message } of errors) expect(message).not.toBe('');
    const weak = await app.http.post('/auth/register', { email: 'nobody', password: 'password1', display_name: '' });
    expect((weak.body as unknown as { errors: object[] }).errors).toMatchObject([
      { field: 'email', code: 'email' },
      { field: 'password', code: 'common' },
      { field: 'display_name', code: 'text' },
    ]);
  });

  it.each(['roles', 'status', 'id', 'email_verified_at', 'password_hash'])('cannot set %s', async (field) => {
    const answer = await register(app, { email: `mass-${field}@example.com`, [field]: ['admin'] });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field, code: 'whitelist_validation' }] } });
  });
});

describe('somebody registers where registration is closed', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ REGISTRATION: 'closed' })));
  afterAll(() => app.close());

  it('is refused, and no account comes to be', async () => {
    const answer = await register(app, { email: 'late@example.com' });
    expect(answer).toMatchObject({ status: 403, body: { code: 'registration_closed' } });
    expect(await app.dataSource.query('SELECT count(*)::int AS n FROM users')).toEqual([{ n: 0 }]);
  });

  it('an administrator still creates accounts', async () => {
    const { tokens } = await app.signedInAdmin();
    const body = { email: 'invited@example.com', password: PASSWORD };
    expect((await app.http.post('/users', body, { token: tokens.access_token })).status).toBe(201);
    expect((await app.login('invited@example.com')).token_type).toBe('Bearer');
  });
});
