import { randomBytes, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { deriveKey, sameBytes, truncatedMac } from '../../common/crypto.js';
import { uuidBytes, uuidOf } from '../../common/uuid.js';
import { Config } from '../../platform/config/config.js';
import { SIGN_IN_PATHS } from './sign-in-paths.js';
import { cookieValuesOf } from '../../platform/http/request/cookies.js';

const NONCE_BYTES = 12;
const ID_BYTES = 16;
// 44 bytes are 59 characters, the last of which has two unused bits.
const FORM = /^[\w-]{58}[AEIMQUYcgkosw048]$/;
const YEAR = 365 * 24 * 3600;

/** A device, and the user who has signed in on it. */
export interface KnownDevice {
  readonly id: string;
  readonly userId: string;
}

/**
 * Issues and checks device cookies (OWASP "Slow Down Online Guessing Attacks with Device Cookies"), which prove that a
 * browser has signed in to an account before. Such a cookie opens no session. It only gives the device attempts of its
 * own, so that guessing strangers cannot lock its owner out.
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
    this.attributes = `; Max-Age=${YEAR}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
  }

  /**
   * Returns the device where its cookie was issued to a user with this address, else null. The caller has to check
   * whether the address still belongs to that user.
   */
  recognise(request: Pick<FastifyRequest, 'headers'>, account: string): KnownDevice | null {
    const [value] = cookieValuesOf(request, this.cookie);
    if (value === undefined || !FORM.test(value)) return null;
    const bytes = Buffer.from(value, 'base64url');
    const stated = bytes.subarray(0, NONCE_BYTES + ID_BYTES);
    if (!sameBytes(bytes.subarray(NONCE_BYTES + ID_BYTES), truncatedMac(this.key, stated, account))) return null;
    return {
      id: stated.subarray(0, NONCE_BYTES).toString('base64url'),
      userId: uuidOf(stated.subarray(NONCE_BYTES)),
    };
  }

  /** Remembers the device with the answer to a successful login. */
  remember(reply: FastifyReply, account: string, userId: string): void {
    const stated = Buffer.concat([randomBytes(NONCE_BYTES), uuidBytes(userId)]);
    const value = Buffer.concat([stated, truncatedMac(this.key, stated, account)]).toString('base64url');
    for (const path of SIGN_IN_PATHS)
      reply.header('Set-Cookie', `${this.cookie}=${value}; Path=${path}${this.attributes}`);
  }
}
