import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashFormats } from '../../src/passwords/hashing/formats/hash-formats.js';
import { TestApp } from '../support/create-app.js';

const SALT = '8PHy8/T19vf4+fr7/P3+/w';
const DIGEST = 'q29Z7pkPzCEz7YEAkAr19uTJnmrkXiaep4ozEu76VGY';

// Of "correct horse", made with argon2-cffi 25.1, bcrypt 4.0, Python's hashlib, Passlib 1.7 and Django 5.2.
const IMPORTS: [format: string, hash: string][] = [
  ['argon2id', `$argon2id$v=19$m=256,t=3,p=2$${SALT}$${DIGEST}`],
  ['argon2i', `$argon2i$v=19$m=256,t=3,p=2$${SALT}$syHNjF6+9lASNzg0m8/Qz7mzq4UMplO2TWTLp4EAyKc`],
  ['argon2d', `$argon2d$v=19$m=256,t=3,p=2$${SALT}$MO4CUIXLA/DPDEzlwfUIe//mfCnFa1btUj4FHTQKZtM`],
  ['bcrypt 2a', '$2a$04$JGz5YTBXy2pAkdj7.qeZgu22rUt9OhuE0WPDYgdADd8YZILfUMHuS'],
  ['bcrypt 2b', '$2b$04$mkESvV3LB9EIhIF6nFx8kOjpzkEbs/mhlIen7ZpophRXLEe7jiyVW'],
  ['bcrypt 2y', '$2y$05$SPdG1IuXyv/X/P5qSW9gi.78ewbltOlmKsSIrWVHFztewKCsZH.je'],
  ['scrypt', `$scrypt$ln=10,r=8,p=2$${SALT}$zlyODpoBYlvvrKdLfDxzQA7ogMUIqgUud1Obs+3SDI4`],
  ['PBKDF2-SHA1', `$pbkdf2$i=1000$${SALT}$+5QX0J046SbyM4zUrpWK1an1PdA`],
  ['PBKDF2-SHA256', `$pbkdf2-sha256$i=1000$${SALT}$JwgcbJZlHBoE0uPBMy9SZsCsIJXsYLx/8XwH97PVwMU`],
  [
    'PBKDF2-SHA512',
    `$pbkdf2-sha512$i=1000$${SALT}$xqu1f3FSdHbs02z9AocIk0UpBf6S9uqlRTfcS56zkPqTxPMhm+kj4D+e8E9DRlH/uXf/Pe1g59vHIM0MwcvtiA`,
  ],
];

// Its examples are hashes of "correct horse".
const GUIDE = readFileSync('docs/migrating.md', 'utf8');
const EXAMPLES = [...GUIDE.matchAll(/^```text\n(.*?)\n```$/gms)].flatMap(([, block]) => block!.split('\n'));
const FIREBASE_SCRYPT = /^FIREBASE_SCRYPT='(.*?)'$/ms.exec(GUIDE)![1]!;

describe('an administrator brings users from another system', () => {
  let app: TestApp;
  let token: string;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false', ACCESS_TOKEN_TTL: '60m', LOG_LEVEL: 'warn', FIREBASE_SCRYPT });
    token = await app.adminToken();
  });
  afterAll(() => app.close());

  const importHash = (email: string, password_hash: string) =>
    app.http.post<{ id: string }>('/users', { email, password_hash }, { token });
  const storedHash = async (id: string): Promise<string> => {
    const rows = await app.dataSource.query<{ hash: string }[]>('SELECT hash FROM passwords WHERE user_id = $1', [id]);
    return rows[0]!.hash;
  };

  it.each(IMPORTS)('%s verifies, and is argon2id of today after the first login', async (format, hash) => {
    const email = `${format.replaceAll(' ', '-').toLowerCase()}@example.com`;
    const imported = await importHash(email, hash);
    expect(imported.status).toBe(201);
    expect(imported.text).not.toContain(hash);
    expect(await storedHash(imported.body.id)).toBe(hash);

    await expect(app.login(email, 'wrong horse')).rejects.toThrow('invalid_credentials');
    expect(await storedHash(imported.body.id)).toBe(hash);

    expect((await app.login(email, 'correct horse')).expires_in).toBe(3600);
    const upgraded = await storedHash(imported.body.id);
    expect(upgraded).toMatch(/^\$argon2id\$v=19\$m=7168,t=1,p=1\$/);

    expect((await app.login(email, 'correct horse')).expires_in).toBe(3600);
    expect(await storedHash(imported.body.id)).toBe(upgraded);
    await expect(app.login(email, 'wrong horse')).rejects.toThrow('invalid_credentials');
  });

  it.each(EXAMPLES)('an example of docs/migrating.md signs in, and nothing else does: %s', async (hash) => {
    const email = `example${EXAMPLES.indexOf(hash)}@example.com`;
    const imported = await importHash(email, hash);
    expect(imported).toMatchObject({ status: 201 });
    await expect(app.login(email, 'wrong horse')).rejects.toThrow('invalid_credentials');
    await app.login(email, 'correct horse');
    expect(await storedHash(imported.body.id)).toMatch(/^\$argon2id\$v=19\$m=7168,t=1,p=1\$/);
    await app.login(email, 'correct horse');
  });

  it.each(hashFormats(null).flatMap(({ name, spellings }) => spellings.map(({ like, form }) => [name, like, form])))(
    'docs/migrating.md has an example of %s: %s',
    (_, __, form) => {
      expect(EXAMPLES.some((example) => (form as RegExp).test(example.replace(/^\{\w+\}(?=\$)/, '')))).toBe(true);
    },
  );

  it('a hash that can no longer be read signs nobody in, and the log says why', async () => {
    const { body } = await importHash('unreadable@example.com', IMPORTS[3]![1]);
    await app.dataSource.query('UPDATE passwords SET hash = $2 WHERE user_id = $1', [body.id, '$2b$31$cut']);
    await expect(app.login('unreadable@example.com', 'correct horse')).rejects.toThrow('invalid_credentials');
    const line = app.logLines.find((text) => text.includes('cannot be verified'));
    expect(line).toContain('looks like bcrypt');
    expect(line).not.toContain('$2b$31$cut');
  });

  it('upgrades once, however many logins come at the same moment', async () => {
    const { body } = await importHash('busy@example.com', IMPORTS[3]![1]);
    const logins = await Promise.all(Array.from({ length: 8 }, () => app.login('busy@example.com', 'correct horse')));
    expect(logins).toHaveLength(8);
    expect(await storedHash(body.id)).toMatch(/^\$argon2id\$/);
    expect((await app.login('busy@example.com', 'correct horse')).expires_in).toBe(3600);
  });

  it.each([
    ['no hash at all', 'correct-horse'],
    ['an unknown scheme', '$md5$abcdefgh$0123456789abcdef'],
    ['SHA-crypt', '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2'],
    ['the broken bcrypt 2x', '$2x$04$JGz5YTBXy2pAkdj7.qeZgu22rUt9OhuE0WPDYgdADd8YZILfUMHuS'],
    ['bcrypt cut short', '$2b$04$mkESvV3LB9EIhIF6nFx8kOjpzkEbs/mhlIen7ZpophRXLEe7jiyV'],
    ['bcrypt of cost 31', '$2b$31$mkESvV3LB9EIhIF6nFx8kOjpzkEbs/mhlIen7ZpophRXLEe7jiyVW'],
    ['argon2 of 4 TiB', `$argon2id$v=19$m=4294967295,t=3,p=1$${SALT}$${DIGEST}`],
    ['argon2 of 4 billion passes', `$argon2id$v=19$m=256,t=4294967295,p=1$${SALT}$${DIGEST}`],
    ['argon2 with a key of its own', `$argon2id$v=19$m=256,t=3,p=2,keyid=Zm9v$${SALT}$${DIGEST}`],
    ['argon2 without salt', `$argon2id$v=19$m=256,t=3,p=2$$${DIGEST}`],
    ['scrypt of 2 to the 30', `$scrypt$ln=30,r=8,p=1$${SALT}$${DIGEST}`],
    ['PBKDF2 of a billion rounds', `$pbkdf2-sha256$i=1000000000$${SALT}$${DIGEST}`],
    ['PBKDF2 of no rounds', `$pbkdf2-sha256$i=0$${SALT}$${DIGEST}`],
    ['a parameter in hexadecimal', `$pbkdf2-sha256$i=0x10$${SALT}$${DIGEST}`],
  ])('%s is refused', async (_, hash) => {
    const answer = await importHash('refused@example.com', hash);
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ field: 'password_hash', code: 'hash_format' }] },
    });
    expect(answer.text).not.toContain(hash);
    expect(answer.text).toMatch(/password_hash (looks like|is of no format)/);
    expect(await app.dataSource.query(`SELECT 1 FROM users WHERE email = 'refused@example.com'`)).toEqual([]);
  });

  it.each([
    ['longer than 1024 characters', `$pbkdf2-sha256$i=1000$${SALT}$${'A'.repeat(1024)}`],
    ['with a line break', '$2b$04$\nmkESvV3LB9EIhIF6nFx8kO'],
    ['no text', 42],
    ['null', null],
  ])('a hash %s is refused by its form', async (_, hash) => {
    const answer = await importHash('refused@example.com', hash as string);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'password_hash' }] } });
  });

  it('a password and a hash exclude each other', async () => {
    const both = { email: 'both@example.com', password: 'a fine long pass phrase', password_hash: IMPORTS[0]![1] };
    const answer = await app.http.post('/users', both, { token });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'password_hash', code: 'exclusive' }] } });
  });
});
