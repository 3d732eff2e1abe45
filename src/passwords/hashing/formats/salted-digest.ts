import { hash } from 'node:crypto';
import { sameBytes } from '../../../common/crypto.js';
import { base64, HashFault, salted, type HashFormat, type StoredHash } from './hash-format.js';

// Bytes of the digest that LDAP's schemes name.
const LDAP_SCHEMES = {
  SMD5: ['md5', 16],
  SSHA: ['sha1', 20],
  SSHA256: ['sha256', 32],
  SSHA384: ['sha384', 48],
  SSHA512: ['sha512', 64],
} as const;
const SPRING_FUNCTIONS = { MD5: ['md5', 16], 'SHA-1': ['sha1', 20], 'SHA-256': ['sha256', 32] } as const;

const hexOf = (what: string, text: string, bytes: number): Buffer => {
  if (text.length !== 2 * bytes) throw new HashFault(`its ${what} has not the length of its function`);
  return Buffer.from(text, 'hex');
};

/** One digest of password and salt. Guessing is cheap, so the first login replaces it. */
export const SALTED_DIGEST: HashFormat = {
  name: 'a salted digest',
  mark: /^(?:\{ldap\})?\{(?:smd5|ssha\d*)\}|^\{(?:MD5|SHA-1|SHA-256)\}\{|^\{sha256\}/i,
  spellings: [
    {
      like: '{SSHA}…, {SSHA256}…, {SSHA512}… (LDAP)',
      form: /^(?:\{ldap\})?\{(SMD5|SSHA(?:256|384|512)?)\}(.+)$/i,
      read: readLdap,
    },
    {
      like: '{SHA-256}{salt}digest (Spring Security)',
      form: /^\{(MD5|SHA-1|SHA-256)\}(\{[^}]*\})([0-9a-f]+)$/,
      read: readSpring,
    },
    {
      like: '{sha256}salt-and-digest, in 80 hexadecimal digits (Spring Security)',
      form: /^\{sha256\}([0-9a-f]{16})([0-9a-f]{64})$/,
      read: readSpringStandard,
    },
  ],
};

function readLdap(scheme: string, text: string): StoredHash {
  const [name, length] = LDAP_SCHEMES[scheme.toUpperCase() as keyof typeof LDAP_SCHEMES];
  const bytes = base64('text', text);
  const salt = salted(bytes.subarray(length));
  return {
    verify: (password) =>
      sameBytes(hash(name, Buffer.concat([Buffer.from(password), salt]), 'buffer'), bytes.subarray(0, length)),
  };
}

// The braces are part of the hashed text.
function readSpring(scheme: string, salt: string, text: string): StoredHash {
  const [name, length] = SPRING_FUNCTIONS[scheme as keyof typeof SPRING_FUNCTIONS];
  const digest = hexOf('digest', text, length);
  return { verify: (password) => sameBytes(hash(name, password + salt, 'buffer'), digest) };
}

// StandardPasswordEncoder hashes salt and password, and then the digest, 1024 times in all.
function readSpringStandard(salt: string, digest: string): StoredHash {
  return {
    verify: (password) => {
      let bytes: Buffer = Buffer.concat([Buffer.from(salt, 'hex'), Buffer.from(password)]);
      for (let i = 0; i < 1024; i++) bytes = hash('sha256', bytes, 'buffer');
      return sameBytes(bytes, Buffer.from(digest, 'hex'));
    },
  };
}
