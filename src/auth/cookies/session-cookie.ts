import type { KeyObject } from 'node:crypto';
import { authenticBody, withMac } from '../../common/crypto.js';
import { uuidBytes, uuidOf } from '../../common/uuid.js';
import type { Config } from '../../platform/config/config.js';
import type { SessionClaim } from '../../sessions/refresh/refresh-token.js';

const ID_BYTES = 16;
// 48 bytes are exactly 64 characters, without unused bits.
const FORM = /^[\w-]{64}$/;

/**
 * Returns the name of the cookie. Another host, a subdomain or plain HTTP cannot set one whose name starts with
 * `__Host-` (RFC 6265bis 4.1.3.2).
 */
export const sessionCookieName = ({ publicUrl }: Pick<Config, 'publicUrl'>): string =>
  publicUrl.startsWith('https:') ? '__Host-countersign' : 'countersign';

/** Encodes a cookie: base64url(session id, session secret, HMAC-SHA256 over both, truncated to 128 bits). */
export const encodeSessionCookie = (key: KeyObject, { sessionId, secret }: SessionClaim): string =>
  withMac(key, Buffer.concat([uuidBytes(sessionId), secret])).toString('base64url');

/**
 * Decodes a cookie without the database. Returns null for a text that {@link encodeSessionCookie} did not make with
 * this key.
 */
export function decodeSessionCookie(key: KeyObject, value: string): SessionClaim | null {
  const body = FORM.test(value) ? authenticBody(key, Buffer.from(value, 'base64url')) : null;
  return body && { sessionId: uuidOf(body.subarray(0, ID_BYTES)), secret: Buffer.from(body.subarray(ID_BYTES)) };
}
