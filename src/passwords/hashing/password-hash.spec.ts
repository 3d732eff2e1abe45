import { describe, expect, it } from 'vitest';
import { hashReader } from './formats/hash-formats.js';
import {
  createDecoy,
  DEFAULT_HASH_PARAMETERS,
  faultOfHash,
  hashPassword,
  needsUpgrade,
  verifierOf,
} from './password-hash.js';

const PASSWORD = 'correct horse';
const UNICODE = 'Grüße 🔐 пароль';
const CHEAP = { memoryKib: 64, passes: 1, parallelism: 1 };

// Made with argon2-cffi 25.1, bcrypt 4.0, Python's hashlib, Passlib 1.7 and Django 5.2. The salts have + and / in base64.
const SALT = '8PHy8/T19vf4+fr7/P3+/w';
const ADAPTED_SALT = SALT.replaceAll('+', '.');
const SHA512_DIGEST = 'xqu1f3FSdHbs02z9AocIk0UpBf6S9uqlRTfcS56zkPqTxPMhm+kj4D+e8E9DRlH/uXf/Pe1g59vHIM0MwcvtiA';
const KNOWN_ANSWERS: [format: string, password: string, hash: string][] = [
  ['argon2id', PASSWORD, `$argon2id$v=19$m=256,t=3,p=2$${SALT}$q29Z7pkPzCEz7YEAkAr19uTJnmrkXiaep4ozEu76VGY`],
  ['argon2i', PASSWORD, `$argon2i$v=19$m=256,t=3,p=2$${SALT}$syHNjF6+9lASNzg0m8/Qz7mzq4UMplO2TWTLp4EAyKc`],
  ['argon2d', PASSWORD, `$argon2d$v=19$m=256,t=3,p=2$${SALT}$MO4CUIXLA/DPDEzlwfUIe//mfCnFa1btUj4FHTQKZtM`],
  ['argon2id, Unicode', UNICODE, `$argon2id$v=19$m=64,t=2,p=1$${SALT}$k0iaZDLkOiL+TXCdJRREtqW22FYlUIDKHTrMyhai8ws`],
  ['argon2i version 1.0', PASSWORD, `$argon2i$v=16$m=64,t=2,p=1$${SALT}$2hEP/Hbc7lOjW6NNikcNX05pGmSk7PVII4Zx21yQrLA`],
  ['argon2i without version', PASSWORD, `$argon2i$m=64,t=2,p=1$${SALT}$2hEP/Hbc7lOjW6NNikcNX05pGmSk7PVII4Zx21yQrLA`],
  [
    'argon2id, salt of 64 and digest of 128 bytes',
    PASSWORD,
    '$argon2id$v=19$m=64,t=1,p=4$xpfVLhUztU8P1ljXRb8BNv40hwsOKa0hPVD0+lbq248bDutir5YoNNdGtiEOWNatEv588AVHk6mi8WPjMNv0cw$aXe5bUqMJW5EJ5ZwGKmk6uVIMDtTmBmFcW/4+g3PHTs27ODn7h45ARYXs7MTt98Oe8yH2kpr2jjSqDF7p0lrVsG+zMCyD34kNdj2AXzdvDBJ1PScUxfIJTD75+YDqO1/rDWhTmTR7t5/uEu70twsevPVpWmlqp2Hx9qRkzdI2IE',
  ],
  ['bcrypt 2a', PASSWORD, '$2a$04$JGz5YTBXy2pAkdj7.qeZgu22rUt9OhuE0WPDYgdADd8YZILfUMHuS'],
  ['bcrypt 2b', PASSWORD, '$2b$04$mkESvV3LB9EIhIF6nFx8kOjpzkEbs/mhlIen7ZpophRXLEe7jiyVW'],
  ['bcrypt 2y', PASSWORD, '$2y$05$SPdG1IuXyv/X/P5qSW9gi.78ewbltOlmKsSIrWVHFztewKCsZH.je'],
  ['bcrypt, Unicode', UNICODE, '$2b$04$R9Ox1Jo5rHIcGGORlZ1D4.9U7IaZR81JgH/S.raxPNAx7K4DdkL0.'],
  ['scrypt', PASSWORD, `$scrypt$ln=10,r=8,p=2$${SALT}$zlyODpoBYlvvrKdLfDxzQA7ogMUIqgUud1Obs+3SDI4`],
  [
    'scrypt, Unicode, digest of 64 bytes',
    UNICODE,
    `$scrypt$ln=8,r=8,p=1$${SALT}$LLbYuW84dVI8dcoYnNPlvrTV8VmGnQDwqiYI8rmc4139bUglhiP1/NUAMmz5JZnAwFoKForNirNqiQj6+nvzGg`,
  ],
  [
    'scrypt by Passlib',
    PASSWORD,
    '$scrypt$ln=9,r=8,p=1$jzHG+H+PkfJ+b60V4vx/Dw$V3aGYhMyItFJPDKuOSHPHbx5FO2KArIxVy70c5D91kQ',
  ],
  ['PBKDF2-SHA1', PASSWORD, `$pbkdf2$i=1000$${SALT}$+5QX0J046SbyM4zUrpWK1an1PdA`],
  ['PBKDF2-SHA256', PASSWORD, `$pbkdf2-sha256$i=1000$${SALT}$JwgcbJZlHBoE0uPBMy9SZsCsIJXsYLx/8XwH97PVwMU`],
  ['PBKDF2-SHA512', PASSWORD, `$pbkdf2-sha512$i=1000$${SALT}$${SHA512_DIGEST}`],
  [
    'PBKDF2 with length, Unicode',
    UNICODE,
    `$pbkdf2-sha256$i=1000,l=32$${SALT}$/PuXqpyvdKtlusVxIlh9anHXu/XwrJXM5ykVCVjv8hg`,
  ],
  ['PBKDF2-SHA1 by Passlib', PASSWORD, `$pbkdf2$1000$${ADAPTED_SALT}$.5QX0J046SbyM4zUrpWK1an1PdA`],
  [
    'PBKDF2-SHA256 by Passlib',
    PASSWORD,
    `$pbkdf2-sha256$1000$${ADAPTED_SALT}$JwgcbJZlHBoE0uPBMy9SZsCsIJXsYLx/8XwH97PVwMU`,
  ],
  ['PBKDF2-SHA512 by Passlib', PASSWORD, `$pbkdf2-sha512$1000$${ADAPTED_SALT}$${SHA512_DIGEST.replaceAll('+', '.')}`],
  [
    'PBKDF2-SHA256 by Django',
    PASSWORD,
    'pbkdf2_sha256$1000$seasalt22characters000$hMiGj+/+H/ZEFYLgchH3SK6kg3C69vmWKTU6kA9pFBc=',
  ],
  ['PBKDF2-SHA1 by Django', PASSWORD, 'pbkdf2_sha1$1000$seasalt22characters000$/CoUFHQyiP8swh/nIg3VVtFb5Hk='],
];

/** Another digest of the same form. */
const altered = (hash: string) => hash.replace(/([A-Za-z0-9])(?=[^$]{4}$)/, (c) => (c === 'a' ? 'b' : 'a'));

const readHash = hashReader(null);
const isSupportedHash = (hash: string) => faultOfHash(readHash, hash) === null;
const verifyHash = (hash: string, passwords: string[]) => verifierOf(readHash, hash)(passwords);

describe('verifierOf', () => {
  it.each(KNOWN_ANSWERS)('verifies %s as made elsewhere', async (_, password, hash) => {
    expect(isSupportedHash(hash)).toBe(true);
    expect(verifyHash(hash, [password])).toBe(true);
  });

  it.each(KNOWN_ANSWERS)('refuses a wrong password and another digest: %s', async (_, password, hash) => {
    expect(verifyHash(hash, [`${password} `])).toBe(false);
    expect(verifyHash(hash, [password.slice(0, -1)])).toBe(false);
    expect(verifyHash(hash, [password.toUpperCase()])).toBe(false);
    expect(verifyHash(hash, [''])).toBe(false);
    expect(altered(hash)).not.toBe(hash);
    expect(isSupportedHash(altered(hash))).toBe(true);
    expect(verifyHash(altered(hash), [password])).toBe(false);
  });

  it('tries every form, also behind the right one, so that a right password takes no less time', () => {
    const tried: string[] = [];
    const read = () => ({ verify: (password: string) => tried.push(password) === 1 });
    expect(verifierOf(read, '')(['right', 'wrong'])).toBe(true);
    expect(tried).toEqual(['right', 'wrong']);
  });

  it('is false for what cannot be read', async () => {
    expect(verifyHash('', [''])).toBe(false);
    expect(verifyHash('secret', ['secret'])).toBe(false);
  });

  it('computes the dearest scrypt that it admits within the memory that it allows itself', async () => {
    const hash = `$scrypt$ln=18,r=8,p=1$${SALT}$yH9EbDeXvbB8H0HnIz+U6sNJTgouLCRRrWR/NaTXT3Y`;
    expect(verifyHash(hash, [PASSWORD])).toBe(true);
  });

  describe('bcrypt', () => {
    it('sees 72 bytes of a password, as the systems do where such hashes come from', async () => {
      const hash = '$2b$04$gyrovgzAuT/GyfZY6RTXgu/e8kAfXe5w/McDWRsBJkVr3FyjbdVTu'; // 72 × "a" and "tail"
      expect(verifyHash(hash, ['a'.repeat(72)])).toBe(true);
      expect(verifyHash(hash, [`${'a'.repeat(72)}other`])).toBe(true);
      expect(verifyHash(hash, ['a'.repeat(71)])).toBe(false);
    });

    it('cuts after 72 bytes even in the middle of a character', async () => {
      const hash = '$2b$04$zJFRT6BQ2uP.Oic5f0Xod.8SHLwlt6bTXhczKhlinYZW.JOcLd3.y'; // 71 × "a" and "é"
      expect(verifyHash(hash, [`${'a'.repeat(71)}é`])).toBe(true);
      expect(verifyHash(hash, [`${'a'.repeat(71)}x`])).toBe(false);
    });

    it('does not end a password at a NUL', async () => {
      const hash = '$2b$04$mkESvV3LB9EIhIF6nFx8kOjpzkEbs/mhlIen7ZpophRXLEe7jiyVW';
      expect(verifyHash(hash, [`${PASSWORD}\0and more`])).toBe(false);
    });
  });
});

const b64 = (bytes: number) => Buffer.alloc(bytes, 7).toString('base64').replaceAll('=', '');

describe('faultOfHash', () => {
  const DIGEST = 'JwgcbJZlHBoE0uPBMy9SZsCsIJXsYLx/8XwH97PVwMU';
  const BCRYPT = 'mkESvV3LB9EIhIF6nFx8kOjpzkEbs/mhlIen7ZpophRXLEe7jiyVW';

  it.each([
    `$argon2id$v=19$m=262144,t=20,p=16$${SALT}$${DIGEST}`,
    `$argon2id$v=19$m=128,t=1,p=16$${SALT}$${DIGEST}`,
    `$2b$16$${BCRYPT}`,
    `$scrypt$ln=18,r=8,p=4$${SALT}$${DIGEST}`,
    `$scrypt$ln=15,r=64,p=1$${SALT}$${DIGEST}`,
    `$scrypt$ln=15,r=1,p=1$${SALT}$${DIGEST}`,
    `$pbkdf2-sha256$i=5000000$${SALT}$${DIGEST}`,
    `$pbkdf2-sha256$i=2500000$${SALT}$${b64(64)}`,
    `$pbkdf2-sha256$i=1$${b64(128)}$${b64(16)}`,
  ])('admits %s', (hash) => expect(isSupportedHash(hash)).toBe(true));

  it.each([
    ['memory', `$argon2id$v=19$m=262145,t=1,p=1$${SALT}$${DIGEST}`],
    ['passes', `$argon2id$v=19$m=64,t=21,p=1$${SALT}$${DIGEST}`],
    ['lanes', `$argon2id$v=19$m=1024,t=1,p=17$${SALT}$${DIGEST}`],
    ['numbers beyond 32 bits', `$argon2id$v=19$m=4294967360,t=1,p=1$${SALT}$${DIGEST}`],
    ['numbers without end', `$argon2id$v=19$m=${'9'.repeat(400)},t=1,p=1$${SALT}$${DIGEST}`],
    ['bcrypt cost', `$2b$17$${BCRYPT}`],
    ['scrypt memory', `$scrypt$ln=19,r=8,p=1$${SALT}$${DIGEST}`],
    ['scrypt memory by block size', `$scrypt$ln=16,r=64,p=1$${SALT}$${DIGEST}`],
    ['scrypt work', `$scrypt$ln=18,r=8,p=5$${SALT}$${DIGEST}`],
    ['scrypt lanes', `$scrypt$ln=4,r=8,p=17$${SALT}$${DIGEST}`],
    ['scrypt block size', `$scrypt$ln=1,r=65,p=1$${SALT}$${DIGEST}`],
    ['PBKDF2 iterations', `$pbkdf2-sha256$i=5000001$${SALT}$${DIGEST}`],
    ['PBKDF2 iterations by Passlib', `$pbkdf2-sha256$5000001$${ADAPTED_SALT}$${DIGEST}`],
    ['PBKDF2 iterations by Django', `pbkdf2_sha256$5000001$salt$${DIGEST}=`],
    ['PBKDF2 blocks', `$pbkdf2-sha256$i=2500001$${SALT}$${b64(64)}`],
    ['salt', `$pbkdf2-sha256$i=1$${b64(129)}$${DIGEST}`],
    ['digest', `$pbkdf2-sha256$i=1$${SALT}$${b64(129)}`],
  ])('refuses an absurd cost: %s', (_, hash) => expect(isSupportedHash(hash)).toBe(false));

  it.each([
    ['nothing', ''],
    ['a password', 'hunter2'],
    ['an unknown scheme', `$sha256$${DIGEST}`],
    ['a bare digest', '5f4dcc3b5aa765d61d8327deb882cf99'],
    ['a digest that was cut', `$argon2id$v=19$m=64,t=1,p=1$${SALT}$${DIGEST.slice(0, -1)}`],
    ['a digest that was cut by more', `$pbkdf2-sha256$i=1$${SALT}$${DIGEST.slice(0, -3)}`],
    ['a digest that chance could meet', `$argon2id$v=19$m=64,t=1,p=1$${SALT}$${b64(15)}`],
    ['no digest', `$argon2id$v=19$m=64,t=1,p=1$${SALT}`],
    ['an empty digest', `$argon2id$v=19$m=64,t=1,p=1$${SALT}$`],
    ['an empty salt', `$pbkdf2-sha256$i=1000$$${DIGEST}`],
    ['a short argon2 salt', `$argon2id$v=19$m=64,t=1,p=1$${b64(7)}$${DIGEST}`],
    ['less memory than the lanes need', `$argon2id$v=19$m=127,t=1,p=16$${SALT}$${DIGEST}`],
    ['zero passes', `$argon2id$v=19$m=64,t=0,p=1$${SALT}$${DIGEST}`],
    ['zero lanes', `$argon2id$v=19$m=64,t=1,p=0$${SALT}$${DIGEST}`],
    ['a leading zero', `$argon2id$v=19$m=064,t=1,p=1$${SALT}$${DIGEST}`],
    ['a sign', `$argon2id$v=19$m=+64,t=1,p=1$${SALT}$${DIGEST}`],
    ['an exponent', `$argon2id$v=19$m=1e2,t=1,p=1$${SALT}$${DIGEST}`],
    ['a parameter twice', `$argon2id$v=19$m=64,m=99,t=1,p=1$${SALT}$${DIGEST}`],
    ['a key that is not in the string', `$argon2id$v=19$m=64,t=1,p=1,keyid=Hj5+dsK0$${SALT}$${DIGEST}`],
    ['an unknown version', `$argon2id$v=20$m=64,t=1,p=1$${SALT}$${DIGEST}`],
    ['a line break', `$argon2id$v=19$m=64,t=1,p=1$${SALT}$${DIGEST}\n`],
    ['a word before', ` $2b$04$${BCRYPT}`],
    ['the broken bcrypt', `$2x$04$${BCRYPT}`],
    ['bcrypt without letter', `$2$04$${BCRYPT}`],
    ['a bcrypt cost under 4', `$2b$03$${BCRYPT}`],
    ['a bcrypt cost of one digit', `$2b$4$${BCRYPT}`],
    ['a short bcrypt', `$2b$04$${BCRYPT.slice(1)}`],
    ['a long bcrypt', `$2b$04$${BCRYPT}.`],
    ['scrypt with N = 1', `$scrypt$ln=0,r=8,p=1$${SALT}$${DIGEST}`],
    ['scrypt with N beyond its block', `$scrypt$ln=16,r=1,p=1$${SALT}$${DIGEST}`],
    ['a length that is not the length', `$pbkdf2-sha256$i=1000,l=31$${SALT}$${DIGEST}`],
    ['zero iterations', `$pbkdf2-sha256$i=0$${SALT}$${DIGEST}`],
    ['an unknown PBKDF2 function', `$pbkdf2-md5$i=1000$${SALT}$${DIGEST}`],
    ['the wrong alphabet for Passlib', `$pbkdf2-sha256$1000$${SALT}$${DIGEST}`],
    ['text without end', `$pbkdf2-sha256$i=1000$${SALT}$${'A'.repeat(100_000)}`],
  ])('refuses %s', (_, hash) => expect(isSupportedHash(hash)).toBe(false));
});

describe('hashPassword', () => {
  it('makes an argon2id PHC string with the given parameters', async () => {
    const hash = hashPassword(PASSWORD, { memoryKib: 128, passes: 3, parallelism: 2 });
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=128,t=3,p=2\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(verifyHash(hash, [PASSWORD])).toBe(true);
    expect(verifyHash(hash, [UNICODE])).toBe(false);
  });

  it('salts every hash anew', async () => {
    expect(hashPassword(PASSWORD, CHEAP)).not.toBe(hashPassword(PASSWORD, CHEAP));
  });
});

describe('needsUpgrade', () => {
  it('is false for what hashPassword makes', async () => {
    expect(needsUpgrade(hashPassword(PASSWORD, CHEAP), CHEAP)).toBe(false);
    expect(needsUpgrade(hashPassword(PASSWORD, DEFAULT_HASH_PARAMETERS), DEFAULT_HASH_PARAMETERS)).toBe(false);
  });

  it('is false for the same hash made elsewhere', () => {
    const hash = `$argon2id$v=19$m=19456,t=2,p=1$${SALT}$s0mpIded92v53bnvd4zhRVxORRAouzbahEMsQWosqJE`;
    expect(needsUpgrade(hash, DEFAULT_HASH_PARAMETERS)).toBe(false);
  });

  it.each([
    { memoryKib: 128, passes: 1, parallelism: 1 },
    { memoryKib: 32, passes: 1, parallelism: 1 },
    { memoryKib: 64, passes: 2, parallelism: 1 },
    { memoryKib: 64, passes: 1, parallelism: 2 },
  ])('is true for other parameters than %o', async (parameters) => {
    expect(needsUpgrade(hashPassword(PASSWORD, CHEAP), parameters)).toBe(true);
  });

  it.each([
    ['argon2i', `$argon2i$v=19$m=64,t=1,p=1$${SALT}$syHNjF6+9lASNzg0m8/Qz7mzq4UMplO2TWTLp4EAyKc`],
    ['argon2d', `$argon2d$v=19$m=64,t=1,p=1$${SALT}$syHNjF6+9lASNzg0m8/Qz7mzq4UMplO2TWTLp4EAyKc`],
    ['version 1.0', `$argon2id$v=16$m=64,t=1,p=1$${SALT}$syHNjF6+9lASNzg0m8/Qz7mzq4UMplO2TWTLp4EAyKc`],
    ['a shorter salt', '$argon2id$v=19$m=64,t=1,p=1$MTIzNDU2Nzg$syHNjF6+9lASNzg0m8/Qz7mzq4UMplO2TWTLp4EAyKc'],
    ['a shorter digest', `$argon2id$v=19$m=64,t=1,p=1$${SALT}$${SALT}`],
    ['what cannot be read', 'x'],
    ['the same behind a label', `{argon2}$argon2id$v=19$m=64,t=1,p=1$${SALT}$${SALT}${SALT}`],
  ])('is true for %s', (_, hash) => expect(needsUpgrade(hash, CHEAP)).toBe(true));

  it.each(KNOWN_ANSWERS.filter(([format]) => !format.startsWith('argon2')))('is true for %s', (_, __, hash) => {
    expect(needsUpgrade(hash, CHEAP)).toBe(true);
  });
});

describe('createDecoy', () => {
  it('costs what a current hash costs, and is the hash of nothing', async () => {
    const decoy = createDecoy(CHEAP);
    expect(isSupportedHash(decoy)).toBe(true);
    expect(needsUpgrade(decoy, CHEAP)).toBe(false);
    expect(decoy).toHaveLength(hashPassword(PASSWORD, CHEAP).length);
    expect(verifyHash(decoy, [''])).toBe(false);
    expect(verifyHash(decoy, [PASSWORD])).toBe(false);
  });

  it('differs at every start', () => expect(createDecoy(CHEAP)).not.toBe(createDecoy(CHEAP)));
});
