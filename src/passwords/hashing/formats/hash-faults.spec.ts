import { describe, expect, it } from 'vitest';
import type { FirebaseScrypt } from './firebase-scrypt.js';
import { HashFault } from './hash-format.js';
import { hashReader } from './hash-formats.js';

const PROJECT: FirebaseScrypt = {
  signerKey: Buffer.alloc(64, 1),
  saltSeparator: Buffer.of(7),
  rounds: 8,
  memoryCost: 14,
};

function faultOf(text: string, read = hashReader(null)): string | null {
  try {
    read(text);
    return null;
  } catch (error) {
    if (error instanceof HashFault) return error.message;
    throw error;
  }
}

describe('a hash that is refused', () => {
  const SALT = '8PHy8/T19vf4+fr7/P3+/w';
  const DIGEST = 'q29Z7pkPzCEz7YEAkAr19uTJnmrkXiaep4ozEu76VGY';
  const BCRYPT = 'mkESvV3LB9EIhIF6nFx8kOjpzkEbs/mhlIen7ZpophRXLEe7jiyVW';

  it.each([
    ['argon2', 'memory', `$argon2id$v=19$m=262145,t=3,p=2$${SALT}$${DIGEST}`],
    ['argon2', 'argon2id', `argon2$argon2id$v=19$m=256,t=3$${SALT}$${DIGEST}`],
    ['bcrypt', 'cost', `$2b$31$${BCRYPT}`],
    ['bcrypt', '2b', `$2x$04$${BCRYPT}`],
    ['bcrypt of a digest', 'cost', `$wp$2y$17$${BCRYPT}`],
    ['scrypt', '256 MiB', `scrypt$1048576$salt$8$1$${DIGEST}`],
    ['scrypt', 'power of 2', `scrypt:32767:8:1$salt$${'00'.repeat(64)}`],
    ['scrypt of Spring Security', '256 MiB', `$140801$${SALT}$${DIGEST}`],
    ['PBKDF2', 'iterations', `pbkdf2:sha256:5000001$salt$${'00'.repeat(32)}`],
    ['PBKDF2', 'Werkzeug', `pbkdf2:sha256$salt$${'00'.repeat(32)}`],
    ['PBKDF2 of Spring Security', 'hexadecimal', `{pbkdf2@SpringSecurity_v5_8}${'00'.repeat(47)}`],
    ['ASP.NET Identity', 'iterations', aspNet(1, 5_000_001, 16)],
    ['ASP.NET Identity', 'function', aspNet(3, 1000, 16)],
    ['ASP.NET Identity', 'digest', aspNet(1, 1000, 4_000_000_000)],
    ['phpass', 'rounds', '$P$JIQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0'],
    [
      'SHA-crypt',
      'rounds',
      '$6$rounds=999999999$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
    ],
    ['SHA-crypt', '$6$', '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2'],
    ['a salted digest', 'salt', '{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g='],
    ['a credential of Keycloak', 'JSON', '{"secretData":"{}","credentialData"'],
    [
      'a credential of Keycloak',
      'iterations',
      `{"value":"${DIGEST}=","salt":"${SALT}==","hashIterations":5000001,"algorithm":"pbkdf2-sha256"}`,
    ],
    [
      'a credential of Keycloak',
      'algorithm',
      `{"value":"${DIGEST}=","salt":"${SALT}==","hashIterations":1,"algorithm":"md5"}`,
    ],
    ['a credential of Keycloak', 'algorithm', '{"credentialData":null}'],
    ['a digest without salt', 'table', '5f4dcc3b5aa765d61d8327deb882cf99'],
    ['a digest without salt', 'table', '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g='],
    ['a password in clear text', 'password', '{noop}$2b$04$secret'],
    ['yescrypt', 'compute', '$y$j9T$Jd1Y1E8kZ2nQ8h$pFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA20'],
  ])('is said to be %s, and what is wrong (%s)', (format, what, hash) => {
    const fault = faultOf(hash);
    expect(fault).toContain(`looks like ${format}`);
    expect(fault).toContain(what);
    for (const secret of [SALT, DIGEST, BCRYPT, 'saltstring', hash]) expect(fault).not.toContain(secret);
  });

  it.each(['', 'hunter2', `$sha256$${DIGEST}`, 'a'.repeat(1025)])('is of no known format: %j', (hash) => {
    expect(faultOf(hash)).toMatch(/^is /);
  });

  it('is one of Firebase that does not belong to the project', () => {
    expect(faultOf(`$firebase-scrypt$${SALT}$${DIGEST}`, hashReader(PROJECT))).toContain('FIREBASE_SCRYPT');
  });

  it('is every hash of Firebase where the parameters of the project are not set', () => {
    const hash = `$firebase-scrypt$${SALT}$${DIGEST}`;
    expect(faultOf(hash)).toContain('is not set');
    expect(faultOf(hash, hashReader({ ...PROJECT, signerKey: Buffer.alloc(32) }))).toBeNull();
  });

  it.each(['$2b$', '{bcrypt}', 'scrypt$', 'scrypt:', '{SSHA}', '{"', '$6$rounds=', 'AQ', '$P$', 'pbkdf2_sha256$'])(
    'takes no time that grows with its square: %s and one thousand characters',
    (start) => {
      for (const filling of ['$', '{', 'A', '1', ':', '"', '='])
        expect(faultOf(start.padEnd(1024, filling))).not.toBeNull();
    },
  );
});

function aspNet(name: number, iterations: number, saltLength: number): string {
  const header = Buffer.alloc(13, 1);
  header.writeUInt32BE(name, 1);
  header.writeUInt32BE(iterations, 5);
  header.writeUInt32BE(saltLength, 9);
  return Buffer.concat([header, Buffer.alloc(48, 7)]).toString('base64');
}
