import { pbkdf2Sync } from 'node:crypto';
import { sameBytes } from '../../../common/crypto.js';
import { base64, decimal, HashFault, salted, whole, within, type HashFormat, type StoredHash } from './hash-format.js';

const MAX_ITERATIONS = 5_000_000;
const OUTPUT_BYTES = { sha1: 20, sha256: 32, sha512: 64 } as const;
export type Pbkdf2Function = keyof typeof OUTPUT_BYTES;

/** Makes a stored hash of PBKDF2 with HMAC (RFC 8018 5.2). Throws {@link HashFault}. */
export function pbkdf2Hash(name: Pbkdf2Function, iterations: number, salt: Buffer, digest: Buffer): StoredHash {
  within('number of iterations', iterations, 1, MAX_ITERATIONS);
  salted(salt);
  whole(digest);
  // RFC 8018 5.2: each block of output repeats all iterations.
  const blocks = Math.ceil(digest.length / OUTPUT_BYTES[name]);
  if (iterations * blocks > MAX_ITERATIONS) throw new HashFault('its iterations are too many for its digest');
  return { verify: (password) => sameBytes(pbkdf2Sync(password, salt, iterations, digest.length, name), digest) };
}

const iterationsOf = (text: string): number => decimal('number of iterations', text, 1, MAX_ITERATIONS);

// The formats leave out the suffix for SHA-1.
const functionOf = (name: string | undefined) => (name ?? 'sha1').toLowerCase() as Pbkdf2Function;

function readPhc(name: string | undefined, iterations: string, length: string | undefined, salt: string, text: string) {
  const digest = base64('digest', text);
  if (length !== undefined && length !== String(digest.length))
    throw new HashFault('its digest has not the length `l`');
  return pbkdf2Hash(functionOf(name), iterationsOf(iterations), base64('salt', salt), digest);
}

const adapted = (what: string, text: string): Buffer => base64(what, text.replaceAll('.', '+'));

function readPasslib(name: string | undefined, iterations: string, salt: string, digest: string): StoredHash {
  return pbkdf2Hash(functionOf(name), iterationsOf(iterations), adapted('salt', salt), adapted('digest', digest));
}

export const PBKDF2: HashFormat = {
  name: 'PBKDF2',
  mark: /^(?:\$pbkdf2|pbkdf2[_:]|\{PBKDF2)/,
  spellings: [
    {
      like: '$pbkdf2-sha256$i=600000$salt$digest',
      form: /^\$pbkdf2(?:-(sha1|sha256|sha512))?\$i=(\d+)(?:,l=(\d+))?\$([\w+/=-]+)\$([\w+/=-]+)$/,
      read: readPhc,
    },
    {
      // Passlib writes the rounds without a name, and `.` where base64 has `+`.
      like: '$pbkdf2-sha256$29000$salt$digest (Passlib)',
      form: /^\$pbkdf2(?:-(sha1|sha256|sha512))?\$(\d+)\$([A-Za-z0-9./]+)\$([A-Za-z0-9./]+)$/,
      read: readPasslib,
    },
    {
      like: '{PBKDF2-SHA256}10000$salt$digest (OpenLDAP)',
      form: /^\{PBKDF2(?:-(SHA1|SHA256|SHA512))?\}(\d+)\$([A-Za-z0-9./]+)\$([A-Za-z0-9./]+)$/,
      read: readPasslib,
    },
    {
      // Django uses the salt's characters as they are.
      like: 'pbkdf2_sha256$600000$salt$digest (Django)',
      form: /^pbkdf2_(sha1|sha256|sha512)\$(\d+)\$([\x21-\x23\x25-\x7e]+)\$([\w+/=-]+)$/,
      read: (name, iterations, salt, digest) =>
        pbkdf2Hash(functionOf(name), iterationsOf(iterations), Buffer.from(salt), base64('digest', digest)),
    },
    {
      like: 'pbkdf2:sha256:600000$salt$digest (Werkzeug)',
      form: /^pbkdf2:(sha1|sha256|sha512):(\d+)\$([\x21-\x23\x25-\x7e]+)\$((?:[0-9a-f]{2})+)$/,
      read: (name, iterations, salt, digest) =>
        pbkdf2Hash(functionOf(name), iterationsOf(iterations), Buffer.from(salt), Buffer.from(digest, 'hex')),
    },
  ],
};

/**
 * The PBKDF2 format of Spring Security. It names a version, whose defaults are the parameters. The salt comes before
 * the digest.
 */
export const PBKDF2_BY_SPRING: HashFormat = {
  name: 'PBKDF2 of Spring Security',
  mark: /^\{pbkdf2(?:@\w+)?\}/,
  spellings: [
    {
      like: '{pbkdf2}salt-and-digest, in 80 hexadecimal digits',
      form: /^\{pbkdf2\}([0-9a-f]{16})([0-9a-f]{64})$/,
      read: (salt, digest) => pbkdf2Hash('sha1', 185_000, Buffer.from(salt, 'hex'), Buffer.from(digest, 'hex')),
    },
    {
      like: '{pbkdf2@SpringSecurity_v5_8}salt-and-digest, in 96 hexadecimal digits',
      form: /^\{pbkdf2@SpringSecurity_v5_8\}([0-9a-f]{32})([0-9a-f]{64})$/,
      read: (salt, digest) => pbkdf2Hash('sha256', 310_000, Buffer.from(salt, 'hex'), Buffer.from(digest, 'hex')),
    },
  ],
};
