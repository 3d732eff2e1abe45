import { createHmac, randomBytes, timingSafeEqual, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { deriveKey } from '../common/crypto.js';
import { Config } from '../platform/config/config.js';
import { cookieValuesOf } from '../platform/http/cookies.js';

const NONCE_BYTES = 12;
const MAC_BYTES = 16;
const FORM = /^[\w-]{38}$/;
const YEAR = 365 * 24 * 3600;

/**
 * Device cookies (OWASP "Slow Down Online Guessing Attacks with Device Cookies"): proof that this browser has signed in
 * to this account before. It opens nothing; it only gives the device attempts of its own, so that strangers who guess
 * cannot shut its owner out.
 */
@Injectable()
export class KnownDevices {
  private readonly key: KeyObject;
  private readonly cookie: string;
  private readonly attributes: string;

  constructor(config: Config) {
    const secure = config.publicUrl.startsWith('https:');
    this.key = deriveKey(config.secretKey, 'known-devices');
    this.cookie = secure ? '__Secure-countersign-device' : 'countersign-device';
    this.attributes = `; Path=/auth; Max-Age=${YEAR}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
  }

  /** The id of the device, if its cookie was issued for this account; else null. */
  recognise(request: Pick<FastifyRequest, 'headers'>, account: string): string | null {
    const [value] = cookieValuesOf(request, this.cookie);
    if (value === undefined || !FORM.test(value)) return null;
    const bytes = Buffer.from(value, 'base64url');
    const nonce = bytes.subarray(0, NONCE_BYTES);
    return timingSafeEqual(bytes.subarray(NONCE_BYTES), this.mac(nonce, account)) ? nonce.toString('base64url') : null;
  }

  /** Remembers the device with the answer to a successful login. */
  remember(reply: FastifyReply, account: string): void {
    const nonce = randomBytes(NONCE_BYTES);
    const value = Buffer.concat([nonce, this.mac(nonce, account)]).toString('base64url');
    reply.header('Set-Cookie', `${this.cookie}=${value}${this.attributes}`);
  }

  private mac(nonce: Buffer, account: string): Buffer {
    return createHmac('sha256', this.key).update(nonce).update(account).digest().subarray(0, MAC_BYTES);
  }
}
