import { createCipheriv } from 'node:crypto';
import { sameBytes } from '../../../common/crypto.js';
import { base64, HashFault, salted, type HashFormat, type StoredHash } from './hash-format.js';
import { boundedScrypt, scrypt } from './scrypt.js';

/** The password hash parameters of a Firebase project; the key is a secret. */
export interface FirebaseScrypt {
  signerKey: Uint8Array;
  saltSeparator: Uint8Array;
  /** scrypt's block size r. */
  rounds: number;
  /** log2 of scrypt's N. */
  memoryCost: number;
}

const KEY_BYTES = 32;

/** Firebase's own use of scrypt: the derived key encrypts the project's key, and the result is the hash. */
export const firebaseScrypt = (project: FirebaseScrypt | null): HashFormat => ({
  name: 'scrypt of Firebase',
  mark: /^\$firebase-scrypt\$/,
  spellings: [
    {
      like: '$firebase-scrypt$salt$passwordHash',
      form: /^\$firebase-scrypt\$([\w+/=-]+)\$([\w+/=-]+)$/,
      read: (salt, digest) => readFirebase(project, base64('salt', salt), base64('digest', digest)),
    },
  ],
});

function readFirebase(project: FirebaseScrypt | null, ownSalt: Buffer, digest: Buffer): StoredHash {
  if (!project) throw new HashFault('FIREBASE_SCRYPT with the parameters of its project is not set');
  const { signerKey, saltSeparator, rounds, memoryCost } = project;
  if (digest.length !== signerKey.length)
    throw new HashFault('its digest is not as long as the key in FIREBASE_SCRYPT');
  const cost = boundedScrypt({ N: 2 ** memoryCost, r: rounds, p: 1 });
  const salt = salted(Buffer.concat([ownSalt, saltSeparator]));
  return {
    verify: (password) => {
      const key = scrypt(password, salt, KEY_BYTES, cost);
      return sameBytes(createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(signerKey), digest);
    },
  };
}
