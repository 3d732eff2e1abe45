import { createHash, randomBytes, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { deriveKey, sameBytes, truncatedMac } from '../../common/crypto.js';
import { Config } from '../../platform/config/config.js';
import { cookieValuesOf } from '../../platform/http/request/cookies.js';

const BYTES = 16;
const FORM = /^[\w-]{21}[AQgw]$/;

type Request = Pick<FastifyRequest, 'headers'>;

/**
 * Binds interactions to the browser in which they begin, by a cookie that opens nothing. `SameSite=Lax` and not `Strict`,
 * because the browser comes from the page of an application.
 */
@Injectable()
export class BrowserBinding {
  private readonly key: KeyObject;
  private readonly cookie: string;
  private readonly attributes: string;
  /** The cookies that requests get with their answers. */
  private readonly issued = new WeakMap<Request, string>();

  constructor(config: Config) {
    const secure = config.publicUrl.startsWith('https:');
    this.key = deriveKey(config.secretKey, 'interaction-forms');
    this.cookie = secure ? '__Host-countersign-browser' : 'countersign-browser';
    this.attributes = `; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
  }

  /** Returns the hash of the browser's cookie; null where there is none. */
  holderOf(request: Request): Buffer | null {
    const value = this.valueOf(request);
    return value === null ? null : hashOf(value);
  }

  /** Returns the hash of the browser's cookie, which it gets where it has none. */
  bind(request: Request, reply: FastifyReply): Buffer {
    const known = this.valueOf(request);
    if (known !== null) return hashOf(known);
    const value = randomBytes(BYTES).toString('base64url');
    this.issued.set(request, value);
    void reply.header('Set-Cookie', `${this.cookie}=${value}${this.attributes}`);
    return hashOf(value);
  }

  /** Returns the text that a form of this browser about a subject has to bring, which no other site can read. */
  formTokenOf(request: Request, subject: string): string {
    return truncatedMac(this.key, this.valueOf(request) ?? '', ' ', subject).toString('base64url');
  }

  /** Tells whether a form has the text of {@link formTokenOf}. Without the cookie it never has. */
  isFormToken(request: Request, subject: string, text: string): boolean {
    if (this.valueOf(request) === null) return false;
    return sameBytes(Buffer.from(this.formTokenOf(request, subject)), Buffer.from(text));
  }

  private valueOf(request: Request): string | null {
    const [value, second] = cookieValuesOf(request, this.cookie);
    // Of two, one may have been planted.
    if (value === undefined) return this.issued.get(request) ?? null;
    return second === undefined && FORM.test(value) ? value : null;
  }
}

const hashOf = (value: string): Buffer => createHash('sha256').update(value).digest();
