import { ARGON2 } from './argon2.js';
import { ASPNET_IDENTITY } from './aspnet-identity.js';
import { BCRYPT, BCRYPT_OF_DIGEST } from './bcrypt.js';
import { firebaseScrypt, type FirebaseScrypt } from './firebase-scrypt.js';
import { HashFault, type HashFormat, type StoredHash } from './hash-format.js';
import { KEYCLOAK } from './keycloak.js';
import { MD5_CRYPT } from './md5-crypt.js';
import { PBKDF2, PBKDF2_BY_SPRING } from './pbkdf2.js';
import { PHPASS } from './phpass.js';
import { SALTED_DIGEST } from './salted-digest.js';
import { SCRYPT, SCRYPT_BY_BETTER_AUTH, SCRYPT_BY_SPRING } from './scrypt.js';
import { SHA_CRYPT } from './sha-crypt.js';

const MAX_LENGTH = 1024;

/** Every format that this service verifies. `docs/migrating.md` has an example of each spelling. */
export const hashFormats = (firebase: FirebaseScrypt | null): readonly HashFormat[] => [
  ARGON2,
  BCRYPT,
  SCRYPT,
  PBKDF2,
  BCRYPT_OF_DIGEST,
  SCRYPT_BY_SPRING,
  SCRYPT_BY_BETTER_AUTH,
  PBKDF2_BY_SPRING,
  ASPNET_IDENTITY,
  PHPASS,
  SHA_CRYPT,
  MD5_CRYPT,
  SALTED_DIGEST,
  KEYCLOAK,
  firebaseScrypt(firebase),
];

/** Formats that this service recognises but does not verify, with the reason. */
const REFUSED: readonly { name: string; mark: RegExp; why: string }[] = [
  {
    name: 'a password in clear text',
    mark: /^\{(?:noop|plain|clear|cleartext)\}/i,
    why: 'create the user with `password` instead',
  },
  {
    name: 'a digest without salt',
    mark: /^(?:\{(?:md[45]|sha-?\d*)\}|(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$|sha1\$\$)/i,
    why: 'whoever reads one finds its password in a table',
  },
  { name: 'yescrypt', mark: /^\$g?y\$/, why: 'this service cannot compute it' },
  { name: 'DES-crypt', mark: /^[./0-9A-Za-z]{13}$/, why: 'it has seen 8 characters of the password only' },
];

// Labels of Spring Security, OpenLDAP and Dovecot before a string that names its format itself.
const LABEL = /^\{(?:bcrypt|scrypt|argon2|crypt|blf-crypt|sha256-crypt|sha512-crypt|argon2id?)(?:@\w+)?\}(?=\$)/i;

/** Reads a hash of any format that this service verifies. Throws {@link HashFault}. */
export type HashReader = (text: string) => StoredHash;

/** Makes a reader, which knows the parameters that are not in the hashes themselves. */
export function hashReader(firebase: FirebaseScrypt | null): HashReader {
  const formats = hashFormats(firebase);
  return (text) => {
    if (text.length > MAX_LENGTH) throw new HashFault(`is longer than ${MAX_LENGTH} characters`);
    const bare = text.replace(LABEL, '');
    const format = formats.find(({ mark }) => mark.test(bare));
    if (!format) throw new HashFault(refusalOf(bare));
    for (const { form, read } of format.spellings) {
      const match = form.exec(bare);
      if (match) return named(format.name, () => read(...match.slice(1)));
    }
    const forms = format.spellings.map(({ like }) => like).join(' or ');
    throw new HashFault(`looks like ${format.name}, but is not of the form ${forms}`);
  };
}

function refusalOf(text: string): string {
  const known = REFUSED.find(({ mark }) => mark.test(text));
  return known ? `looks like ${known.name}: ${known.why}` : 'is of no format that this service knows';
}

function named(name: string, read: () => StoredHash): StoredHash {
  try {
    return read();
  } catch (error) {
    if (error instanceof HashFault) throw new HashFault(`looks like ${name}, but ${error.message}`);
    throw error;
  }
}
