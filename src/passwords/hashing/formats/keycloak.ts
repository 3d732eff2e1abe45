import { ARGON2 } from './argon2.js';
import { HashFault, type HashFormat, type StoredHash } from './hash-format.js';
import { PBKDF2 } from './pbkdf2.js';

/** A credential of Keycloak's export, as JSON. It is read as the PHC string that says the same. */
export const KEYCLOAK: HashFormat = {
  name: 'a credential of Keycloak',
  mark: /^\s*\{\s*"/,
  spellings: [{ like: '{"secretData":"…","credentialData":"…"}', form: /^(.+)$/, read: readKeycloak }],
};

type Json = Record<string, unknown>;

function readKeycloak(text: string): StoredHash {
  const outer = objectOf(text);
  // Since version 9 both halves are JSON in JSON; before, they were one object.
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
  // Each is a list of one text.
  const [type, version, memory, lanes] = ['type', 'version', 'memory', 'parallelism'].map((name) => String(more[name]));
  const v = version === '1.0' ? 16 : 19;
  return `${type}$v=${v}$m=${memory},t=${String(credential['hashIterations'])},p=${lanes}`;
}

/** The object that a value is, or that its text describes. */
function objectOf(value: unknown): Json {
  try {
    const object: unknown = typeof value === 'string' ? JSON.parse(value) : value;
    if (typeof object === 'object' && object !== null) return object as Json;
  } catch {
    // Falls through: the message of JSON.parse quotes what it read.
  }
  throw new HashFault('it is not whole JSON');
}
