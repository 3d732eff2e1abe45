import { createHash, randomBytes, type KeyObject } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { randomId, sameBytes, truncatedMac } from '../common/crypto.js';

/** `pat`: a personal access token, of a user. `key`: of a service account. */
export type ApiKeyKind = 'pat' | 'key';

const ID_BYTES = 12;
const SECRET_BYTES = 20;
const BODY_BYTES = ID_BYTES + SECRET_BYTES;
// 48 bytes are 64 characters to the last bit: so that every key has exactly one spelling.
const FORM = /^(cs_(pat|key)_)([\w-]{64})([0-9A-Za-z]{6})$/;

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHECKSUM_LENGTH = 6;

export const KEY_ID = /^key_[\w-]{16}$/;

/** Makes the id of a key, which neither a user nor a client can have. It is the `client_id` of the key's tokens. */
export const newKeyId = (): string => `key_${randomId(ID_BYTES)}`;

export const newKeySecret = (): Buffer => randomBytes(SECRET_BYTES);

/** The contents of a key. */
export interface ApiKeyClaim {
  kind: ApiKeyKind;
  /** {@link newKeyId} */
  id: string;
  secret: Buffer;
}

/** Tells whether a text claims to be a key. No JWT and no other credential of ours begins like this. */
export const looksLikeApiKey = (text: string): boolean => text.startsWith('cs_');

/**
 * Encodes a key: `cs_pat_` or `cs_key_`, base64url(id, secret, HMAC-SHA256 over prefix, id and secret, truncated to 128
 * bits), and the checksum of all of that. By the checksum a secret scanner recognises a key without asking us.
 */
export function encodeApiKey(key: KeyObject, { kind, id, secret }: ApiKeyClaim): string {
  const prefix = `cs_${kind}_`;
  const body = Buffer.concat([Buffer.from(id.slice('key_'.length), 'base64url'), secret]);
  const text = prefix + Buffer.concat([body, truncatedMac(key, prefix, body)]).toString('base64url');
  return text + checksumOf(text);
}

/** Decodes a key without the database. Returns null for a text that {@link encodeApiKey} did not make with this key. */
export function decodeApiKey(key: KeyObject, text: string): ApiKeyClaim | null {
  const [, prefix, kind, encoded, checksum] = FORM.exec(text) ?? [];
  if (!prefix || !encoded || checksum !== checksumOf(prefix + encoded)) return null;
  const bytes = Buffer.from(encoded, 'base64url');
  const body = bytes.subarray(0, BODY_BYTES);
  if (!sameBytes(bytes.subarray(BODY_BYTES), truncatedMac(key, prefix, body))) return null;
  return {
    kind: kind as ApiKeyKind,
    id: `key_${body.subarray(0, ID_BYTES).toString('base64url')}`,
    secret: Buffer.from(body.subarray(ID_BYTES)),
  };
}

/**
 * Returns the hash of a secret for the key's row. The secret is random, so that a slow hash would protect nothing more.
 */
export const hashKeySecret = (secret: Buffer): Buffer => createHash('sha256').update(secret).digest();

/** Returns the CRC-32 (ISO 3309) of a text in six digits of base 62, the most significant first. */
export function checksumOf(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let position = 0; position < CHECKSUM_LENGTH; position++) {
    digits = DIGITS[rest % DIGITS.length]! + digits;
    rest = Math.floor(rest / DIGITS.length);
  }
  return digits;
}
