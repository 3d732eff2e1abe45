import { createHash, hash } from 'node:crypto';
import { sameBytes } from '../../../common/crypto.js';
import { cryptBase64 } from './crypt-base64.js';
import { MAX_REPEATED_BYTES, type HashFormat, type StoredHash } from './hash-format.js';
import { mixed, repeated } from './sha-crypt.js';

const ROUNDS = 1000;
// The order of the digest's bytes, in groups of three with the lowest first.
const ORDER = [12, 6, 0, 13, 7, 1, 14, 8, 2, 15, 9, 3, 5, 10, 4, 11] as const;

/** MD5-crypt, as in old shadow files and in Apache's htpasswd. */
export const MD5_CRYPT: HashFormat = {
  name: 'MD5-crypt',
  mark: /^\$(?:1|apr1)\$/,
  spellings: [
    {
      like: '$apr1$salt$digest or $1$salt$digest',
      form: /^(\$(?:1|apr1)\$)([\x21-\x23\x25-\x7e]{0,8})\$([./0-9A-Za-z]{22})$/,
      read: readMd5Crypt,
    },
  ],
};

function readMd5Crypt(magic: string, salt: string, digest: string): StoredHash {
  return {
    verify: (password) => {
      if (Buffer.byteLength(password) > MAX_REPEATED_BYTES) return false;
      const bytes = md5Crypt(magic, Buffer.from(password), Buffer.from(salt));
      return sameBytes(Buffer.from(cryptBase64(ORDER.map((index) => bytes[index]!))), Buffer.from(digest));
    },
  };
}

function md5Crypt(magic: string, password: Buffer, salt: Buffer): Buffer {
  const { length } = password;
  const b = hash('md5', Buffer.concat([password, salt, password]), 'buffer');
  const first = createHash('md5').update(password).update(magic).update(salt).update(repeated(b, length));
  for (let bits = length; bits > 0; bits >>= 1) first.update(bits & 1 ? Buffer.of(0) : password.subarray(0, 1));
  return mixed('md5', first.digest(), password, salt, ROUNDS);
}
