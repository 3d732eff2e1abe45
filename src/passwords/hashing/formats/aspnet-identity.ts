import { base64, HashFault, type HashFormat, type StoredHash } from './hash-format.js';
import { pbkdf2Hash, type Pbkdf2Function } from './pbkdf2.js';

// The numbers of KeyDerivationPrf.
const FUNCTIONS: readonly Pbkdf2Function[] = ['sha1', 'sha256', 'sha512'];
const V2 = { iterations: 1000, saltBytes: 16 } as const;
const V3_HEADER_BYTES = 13;

/** `PasswordHasher` of ASP.NET Core Identity: PBKDF2 in binary form, whose first byte is the version of the format. */
export const ASPNET_IDENTITY: HashFormat = {
  name: 'ASP.NET Identity',
  mark: /^A[AQ][A-Za-z0-9+/]{50,}={0,2}$/,
  spellings: [
    { like: 'AAAB…== (version 2)', form: /^(AA[A-Za-z0-9+/]{64}(?:==)?)$/, read: readV2 },
    { like: 'AQAAAAI… (version 3)', form: /^(AQ[A-Za-z0-9+/]+={0,2})$/, read: readV3 },
  ],
};

function readV2(text: string): StoredHash {
  const bytes = base64('text', text);
  const digestAt = 1 + V2.saltBytes;
  return pbkdf2Hash('sha1', V2.iterations, bytes.subarray(1, digestAt), bytes.subarray(digestAt));
}

// Numbers of 32 bits, most significant byte first: function, iterations, length of the salt.
function readV3(text: string): StoredHash {
  const bytes = base64('text', text);
  const name = FUNCTIONS[bytes.readUInt32BE(1)];
  if (!name) throw new HashFault('its function must be SHA-1, SHA-256 or SHA-512');
  const digestAt = V3_HEADER_BYTES + bytes.readUInt32BE(9);
  return pbkdf2Hash(name, bytes.readUInt32BE(5), bytes.subarray(V3_HEADER_BYTES, digestAt), bytes.subarray(digestAt));
}
