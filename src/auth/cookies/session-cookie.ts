import type { KeyObject } from 'node:crypto';
import { authenticBody, withMac } from '../../common/crypto.js';
import { uuidBytes, uuidOf } from '../../common/uuid.js';
import type { Config } from '../../platform/config/config.js';
import type { SessionClaim } from '../../sessions/refresh-token.js';

const ID_BYTES = 16;
// 48 bytes are 64 characters, without a bit to spare.
const FORM = /^[\w-]{64}$/;

/** RFC 6265bis 4.1.3.2: no other host, no subdomain and no plain HTTP can set a cookie whose name starts with `__Host-`. */
export const sessionCookieName = ({ publicUrl }: Pick<Config, 'publicUrl'>): string =>
  publicUrl.startsWith('https:') ? '__Host-countersign' : 'countersign';

/** base64url(session id, session secret, HMAC-SHA256 over both, truncated to 128 bits). */
export const encodeSessionCookie = (key: KeyObject, { sessionId, secret }: SessionClaim): string =>
  withMac(key, Buffer.concat([uuidBytes(sessionId), secret])).toString('base64url');

/** Null for everything that {@link encodeSessionCookie} did not make with this key; no database is asked. */
export function decodeSessionCookie(key: KeyObject, value: string): SessionClaim | null {
  const body = FORM.test(value) ? authenticBody(key, Buffer.from(value, 'base64url')) : null;
  return body && { sessionId: uuidOf(body.subarray(0, ID_BYTES)), secret: Buffer.from(body.subarray(ID_BYTES)) };
}
