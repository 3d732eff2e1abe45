import { createHmac } from 'node:crypto';
import { sameBytes } from '../../common/crypto.js';

/** Seconds of a time step (RFC 6238 5.2). */
const STEP = 30;
const DIGITS = 6;
/** How many steps the clock of a phone may be early or late (RFC 6238 5.2). */
const DRIFT = 1;
/** Bytes, as long as the output of SHA-1 (RFC 4226 4, R6). */
export const SECRET_BYTES = 20;

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Returns the code of a counter (RFC 4226 5.3). */
export function hotp(secret: Buffer, counter: number, digits = DIGITS, algorithm = 'sha1'): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac(algorithm, secret).update(message).digest();
  const offset = mac.at(-1)! & 0xf;
  return String((mac.readUInt32BE(offset) & 0x7fff_ffff) % 10 ** digits).padStart(digits, '0');
}

/** Returns the time step of a time in seconds. */
export const stepOf = (seconds: number): number => Math.floor(seconds / STEP);

/** Returns the step, around a time in seconds, whose code this is; null for a wrong one. Compares with all of them. */
export function matchingStep(secret: Buffer, code: string, seconds: number): number | null {
  const now = stepOf(seconds);
  let found: number | null = null;
  for (let step = now - DRIFT; step <= now + DRIFT; step++) {
    if (sameBytes(Buffer.from(hotp(secret, step)), Buffer.from(code))) found = step;
  }
  return found;
}

/** Encodes a secret as people type it into an app (RFC 4648 6), without padding. */
export function base32(bytes: Buffer): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += BASE32[(value >> (bits - 5)) & 31];
  }
  return bits > 0 ? text + BASE32[(value << (5 - bits)) & 31] : text;
}

/** Returns the address that an app reads from a QR code (the "Key URI Format" of authenticator apps). */
export function otpauthUri(secret: Buffer, issuer: string, account: string): string {
  const label = [issuer, account].map(encodeURIComponent).join(':');
  const parameters = new URLSearchParams({
    secret: base32(secret),
    issuer,
    digits: String(DIGITS),
    period: String(STEP),
  });
  return `otpauth://totp/${label}?${parameters.toString().replaceAll('+', '%20')}`;
}
