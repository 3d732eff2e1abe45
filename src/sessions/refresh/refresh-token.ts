import { createHash, type KeyObject } from 'node:crypto';
import { authenticBody, withMac } from '../../common/crypto.js';
import { uuidBytes, uuidOf } from '../../common/uuid.js';

/** Recognised by secret scanners. */
const PREFIX = 'csr_';
const ID_BYTES = 16;
const GENERATION_BYTES = 4;
export const SECRET_BYTES = 16;
const BODY_BYTES = ID_BYTES + GENERATION_BYTES + SECRET_BYTES;
// 52 bytes are 70 characters, the last of which has four unused bits.
const FORM = /^csr_[\w-]{69}[AQgw]$/;

/** The contents of every credential of a session: the session's id and its secret. */
export interface SessionClaim {
  sessionId: string;
  secret: Buffer;
}

/** The contents of a refresh token, which is derived: the same three values make the same token. */
export interface RefreshClaim extends SessionClaim {
  generation: number;
}

/**
 * Encodes a refresh token: `csr_` + base64url(session id, generation, session secret, HMAC-SHA256 over all three,
 * truncated to 128 bits).
 */
export function encodeRefreshToken(key: KeyObject, { sessionId, generation, secret }: RefreshClaim): string {
  const body = Buffer.alloc(BODY_BYTES);
  uuidBytes(sessionId).copy(body, 0);
  body.writeUInt32BE(generation, ID_BYTES);
  secret.copy(body, ID_BYTES + GENERATION_BYTES);
  return PREFIX + withMac(key, body).toString('base64url');
}

/**
 * Decodes a refresh token without the database. Returns null for a text that {@link encodeRefreshToken} did not make
 * with this key.
 */
export function decodeRefreshToken(key: KeyObject, token: string): RefreshClaim | null {
  if (!FORM.test(token)) return null;
  const body = authenticBody(key, Buffer.from(token.slice(PREFIX.length), 'base64url'));
  if (!body) return null;
  return {
    sessionId: uuidOf(body.subarray(0, ID_BYTES)),
    generation: body.readUInt32BE(ID_BYTES),
    secret: Buffer.from(body.subarray(ID_BYTES + GENERATION_BYTES)),
  };
}

/** Returns the hash of the secret, which the session's row stores. */
export const hashSecret = (secret: Buffer): Buffer => createHash('sha256').update(secret).digest();
