import { hash } from 'node:crypto';
import { cryptBase64, cryptNumber } from './crypt-base64.js';
import { sameBytes } from '../../../common/crypto.js';
import { MAX_REPEATED_BYTES, MAX_REPETITIONS, within, type HashFormat, type StoredHash } from './hash-format.js';

/** phpass, "portable hashes": a digest over the previous digest and the password, repeated 2^n times. */
export const PHPASS: HashFormat = {
  name: 'phpass',
  mark: /^\$[PHS]\$/,
  spellings: [
    {
      like: '$P$B… (WordPress) or $H$9… (phpBB), 34 characters',
      form: /^\$[PH]\$([./0-9A-Za-z])([\x21-\x7e]{8})([./0-9A-Za-z]{22})$/,
      read: (rounds, salt, digest) => readPhpass('md5', rounds, salt, digest),
    },
    {
      like: '$S$D… (Drupal 7), 55 characters',
      form: /^\$S\$([./0-9A-Za-z])([\x21-\x7e]{8})([./0-9A-Za-z]{43})$/,
      read: (rounds, salt, digest) => readPhpass('sha512', rounds, salt, digest),
    },
  ],
};

function readPhpass(name: 'md5' | 'sha512', rounds: string, salt: string, digest: string): StoredHash {
  const repetitions = within('number of rounds', 2 ** cryptNumber(rounds), 128, MAX_REPETITIONS);
  return {
    verify: (password) => {
      if (Buffer.byteLength(password) > MAX_REPEATED_BYTES) return false;
      let bytes = hash(name, salt + password, 'buffer');
      const input = Buffer.concat([bytes, Buffer.from(password)]);
      for (let i = 0; i < repetitions; i++) {
        input.set(bytes);
        bytes = hash(name, input, 'buffer');
      }
      // Drupal stores only a part of the digest.
      return sameBytes(Buffer.from(cryptBase64(bytes).slice(0, digest.length)), Buffer.from(digest));
    },
  };
}
