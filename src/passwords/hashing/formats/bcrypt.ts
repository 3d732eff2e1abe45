import { createHash, createHmac } from 'node:crypto';
import { verifySync } from '@node-rs/bcrypt';
import { within, type HashFormat, type Spelling, type StoredHash } from './hash-format.js';

// Every step doubles the work: 16 takes about as long as the most expensive hash that the other formats allow.
const COST = { min: 4, max: 16 } as const;

// Modular crypt format: 16 bytes of salt in 22 characters, 23 bytes of digest in 31.
const SALT_AND_DIGEST = String.raw`([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$`;
const ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/**
 * Returns `text` with zeros for the last `bits` bits. Old libraries leave other values there; new ones ignore or clear
 * them.
 */
function withoutSpareBits(text: string, bits: number): string {
  const last = ALPHABET.indexOf(text.at(-1)!);
  return text.slice(0, -1) + ALPHABET.charAt((last >> bits) << bits);
}

/**
 * Reads a bcrypt hash. Bcrypt uses only the first 72 bytes of a password: a longer one is verified as in the system
 * that made the hash. A NUL is a byte like any other, so that the bytes after it count.
 */
function readBcrypt(
  costText: string,
  salt: string,
  digest: string,
  prepare: (password: string) => string = (password) => password,
): StoredHash {
  const cost = within('cost', Number(costText), COST.min, COST.max);
  const canonical = `$2b$${String(cost).padStart(2, '0')}$${withoutSpareBits(salt, 4)}${withoutSpareBits(digest, 2)}`;
  return { verify: (password) => verifySync(prepare(password), canonical) };
}

const sha256 = (password: string) => createHash('sha256').update(password);

const spelling = (like: string, before: string, prepare?: (password: string) => string): Spelling => ({
  like,
  form: new RegExp(`^${before}(\\d\\d)\\$${SALT_AND_DIGEST}`),
  read: (cost, salt, digest) => readBcrypt(cost, salt, digest, prepare),
});

/**
 * The bcrypt formats. `$2a$`, `$2b$` and `$2y$` name the same algorithm, and differ in bugs that were fixed long ago;
 * `$2x$` marks the faulty one.
 */
export const BCRYPT: HashFormat = {
  name: 'bcrypt',
  mark: /^(?:bcrypt\$)?\$2[a-z]?\$/,
  spellings: [spelling('$2b$12$…', String.raw`(?:bcrypt\$)?\$2[aby]\$`)],
};

/** Bcrypt of a digest of the password, so that all bytes of a long password count. */
export const BCRYPT_OF_DIGEST: HashFormat = {
  name: 'bcrypt of a digest',
  mark: /^(?:bcrypt_sha256\$|\$bcrypt-sha256\$|\$wp\$)/,
  spellings: [
    spelling('bcrypt_sha256$$2b$12$… (Django)', String.raw`bcrypt_sha256\$\$2[aby]\$`, (password) =>
      sha256(password).digest('hex'),
    ),
    spelling('$wp$2y$10$… (WordPress 6.8)', String.raw`\$wp\$2y\$`, (password) =>
      createHmac('sha384', 'wp-sha384').update(password).digest('base64'),
    ),
    {
      like: '$bcrypt-sha256$v=2,t=2b,r=12$salt$digest (Passlib)',
      form: /^\$bcrypt-sha256\$(v=2,t=)?2[ab],(?:r=)?(\d+)\$([./A-Za-z0-9]{22})\$([./A-Za-z0-9]{31})$/,
      read: (version2: string | undefined, cost, salt, digest) =>
        readBcrypt(cost, salt, digest, (password) =>
          (version2 ? createHmac('sha256', salt).update(password) : sha256(password)).digest('base64'),
        ),
    },
  ],
};
