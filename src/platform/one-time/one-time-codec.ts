import type { KeyObject } from 'node:crypto';
import { deriveKey, sameBytes, truncatedMac } from '../../common/crypto.js';
import { uuidBytes, uuidOf } from '../../common/uuid.js';

/** Recognised by secret scanners. */
const PREFIX = 'cso_';
const ID_BYTES = 16;
// 32 bytes are 43 characters, the last of which has two unused bits.
const TOKEN_FORM = /^cso_[\w-]{42}[AEIMQUYcgkosw048]$/;
const CODE_FORM = /^\d{6}$/;
const CODES = 1_000_000n;

/** Derives the credential of a value from its id: a token for links and programs, a code for people who type. */
export class OneTimeCodec {
  private readonly tokenKey: KeyObject;
  private readonly codeKey: KeyObject;

  constructor(secret: Buffer) {
    this.tokenKey = deriveKey(secret, 'one-time-tokens');
    this.codeKey = deriveKey(secret, 'one-time-codes');
  }

  /** `cso_` + base64url(id, HMAC-SHA256 over id and purpose, truncated to 128 bits). */
  tokenOf(purpose: string, id: string): string {
    const bytes = uuidBytes(id);
    return PREFIX + Buffer.concat([bytes, truncatedMac(this.tokenKey, bytes, purpose)]).toString('base64url');
  }

  /**
   * Returns the id of the value that a token was made for; null for what {@link tokenOf} did not make for this purpose.
   */
  idOf(purpose: string, token: string): string | null {
    if (!TOKEN_FORM.test(token)) return null;
    const bytes = Buffer.from(token.slice(PREFIX.length), 'base64url');
    const id = bytes.subarray(0, ID_BYTES);
    return sameBytes(bytes.subarray(ID_BYTES), truncatedMac(this.tokenKey, id, purpose)) ? uuidOf(id) : null;
  }

  /** Six decimal digits. */
  codeOf(purpose: string, id: string): string {
    const mac = truncatedMac(this.codeKey, uuidBytes(id), purpose);
    return (BigInt(`0x${mac.toString('hex')}`) % CODES).toString().padStart(6, '0');
  }

  /**
   * Returns the one of these values whose code this is; null where there is none. The time does not tell how many
   * digits were right.
   */
  matching(purpose: string, ids: readonly string[], code: string): string | null {
    const given = Buffer.from(CODE_FORM.test(code) ? code : 'no code');
    let found: string | null = null;
    for (const id of ids) if (sameBytes(Buffer.from(this.codeOf(purpose, id)), given)) found ??= id;
    return found;
  }
}
