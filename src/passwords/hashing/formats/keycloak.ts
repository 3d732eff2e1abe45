import { ARGON2 } from './argon2.js';
import { HashFault, type HashFormat, type StoredHash } from './hash-format.js';
import { PBKDF2 } from './pbkdf2.js';

/** A credential of Keycloak's export, as JSON. It is converted to the equivalent PHC string. */
export const KEYCLOAK: HashFormat = {
  name: 'a credential of Keycloak',
  mark: /^\s*\{\s*"/,
  spellings: [{ like: '{"secretData":"…","credentialData":"…"}', form: /^(.+)$/, read: readKeycloak }],
};

type Json = Record<string, unknown>;

function readKeycloak(text: string): StoredHash {
  const outer = objectOf(text);
  // Since version 9 both halves are JSON strings inside JSON; before, they were one object.
  const secret = objectOf(outer['secretData'] ?? outer);
  const credential = objectOf(outer['credentialData'] ?? outer);
  const [algorithm, salt, value] = [credential['algorithm'], secret['salt'], secret['value']].map(String);
  const phc = algorithm!.startsWith('argon2')
    ? `$argon2${argon2Parameters(credential)}$${salt}$${value}`
    : `$${algorithm}$i=${String(credential['hashIterations'])}$${salt}$${value}`;
  for (const spelling of [ARGON2.spellings[0]!, PBKDF2.spellings[0]!]) {
    const match = spelling.form.exec(phc);
    if (match) return spelling.read(...match.slice(1));
  }
  throw new HashFault('its algorithm, salt, value or parameters are missing or not known');
}

function argon2Parameters(credential: Json): string {
  const more = objectOf(credential['additionalParameters']);
  // Each value is a list of one string.
  const [type, version, memory, lanes] = ['type', 'version', 'memory', 'parallelism'].map((name) => String(more[name]));
  const v = version === '1.0' ? 16 : 19;
  return `${type}$v=${v}$m=${memory},t=${String(credential['hashIterations'])},p=${lanes}`;
}

/** Returns the value as an object, after parsing it where it is a string. */
function objectOf(value: unknown): Json {
  try {
    const object: unknown = typeof value === 'string' ? JSON.parse(value) : value;
    if (typeof object === 'object' && object !== null) return object as Json;
  } catch {
    // The error is dropped, because the message of JSON.parse quotes its input.
  }
  throw new HashFault('it is not whole JSON');
}
