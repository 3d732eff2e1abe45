import type { KeyObject } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { LRUCache } from 'lru-cache';
import { deriveKey } from '../../common/crypto.js';
import { AppError } from '../../common/errors.js';
import type { Principal } from '../../common/principal.js';
import { shortUuid } from '../../common/uuid.js';
import { Config } from '../../platform/config/config.js';
import { cookieValuesOf } from '../../platform/http/request/cookies.js';
import { crossSiteFaultOf, type CrossSiteFault } from '../../platform/http/origins/cross-site-request.js';
import { actsForUser } from '../../platform/http/origins/page-origins.js';
import { RevocationService } from '../../revocation/revocation.service.js';
import { ExchangedTokens, type ExchangedToken } from '../../tokens/exchanged-tokens.js';
import { decodeSessionCookie, encodeSessionCookie, sessionCookieName } from './session-cookie.js';
import type { CookieSessionView } from './session-cookie.view.js';
import type { SessionClaim } from '../../sessions/refresh/refresh-token.js';
import { SessionTokens, type SessionFacts } from '../../sessions/session-tokens.js';
import { SessionsService } from '../../sessions/sessions.service.js';

const REMEMBERED = 10_000;

const DETAILS: Record<CrossSiteFault, string> = {
  origin: 'neither `Sec-Fetch-Site: same-origin` nor an `Origin` that is allowed',
  content_type: 'a body must be JSON, and say so',
};

/** The parts of a request that decide about its cookie. */
export interface CookieRequest {
  /** The method; null where it is not known. */
  readonly method: string | null;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Reads and writes the cookies of browsers' sessions, which no script can read (RFC 6265bis 4.1.2). A cookie is
 * exchanged for an access token, so that all other code only has to check tokens.
 */
@Injectable()
export class SessionCookies {
  private readonly key: KeyObject;
  private readonly name: string;
  private readonly attributes: string;
  private readonly isPageOfOurs: (origin: string) => boolean;
  /** Cookies of ended sessions. They never become valid again, so the database need not be asked twice. */
  private readonly ended = new LRUCache<string, true>({ max: REMEMBERED });

  constructor(
    config: Config,
    private readonly sessions: SessionsService,
    private readonly tokens: SessionTokens,
    private readonly exchanged: ExchangedTokens,
    private readonly revocations: RevocationService,
  ) {
    const secure = config.publicUrl.startsWith('https:');
    this.key = deriveKey(config.secretKey, 'session-cookies');
    this.name = sessionCookieName(config);
    this.attributes = `; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
    this.isPageOfOurs = actsForUser(config);
  }

  /**
   * Exchanges the cookie of a request for an access token; without a promise where it is cached. Returns null where
   * there is no cookie, or an `Authorization` header, which then counts instead. Throws `csrf_refused`; rejects with
   * `token_invalid`, and with `token_revoked` where the session has ended.
   */
  exchangeCookie(request: CookieRequest, address?: () => string): ExchangedToken | Promise<ExchangedToken> | null {
    const value = this.valueOf(request);
    if (value === null) return null;
    return this.exchanged.cached('cookie', value, this.isStillValid) ?? this.exchangeAnew(value, address);
  }

  /**
   * Returns the cookie that counts for a request, as in {@link exchangeCookie}. `claim` is null for a cookie that is
   * none of ours. Does not check whether the session is alive.
   */
  cookieOf(request: CookieRequest): { claim: SessionClaim | null } | null {
    const value = this.valueOf(request);
    return value === null ? null : { claim: decodeSessionCookie(this.key, value) };
  }

  /** Returns the sessions of all cookies that a browser sends, which a new sign-in replaces. */
  sessionsToReplace({ headers }: Pick<CookieRequest, 'headers'>): SessionClaim[] {
    const claims = cookieValuesOf({ headers }, this.name).map((value) => decodeSessionCookie(this.key, value));
    return claims.filter((claim) => claim !== null);
  }

  /** Refuses a request from a page of another origin. Called wherever a cookie is the credential or the answer. Throws `csrf_refused`. */
  refuseCrossSite({ method, headers }: CookieRequest): void {
    const fault = crossSiteFaultOf(method, headers, this.isPageOfOurs);
    if (fault) throw new AppError('csrf_refused', { detail: DETAILS[fault] });
  }

  /** Keeps a session alive. Throws `token_revoked` where it has ended. */
  async touch(claim: SessionClaim, address: string | null): Promise<SessionFacts> {
    const facts = await this.sessions.touch(claim, address);
    if (!facts) throw new AppError('token_revoked');
    return facts;
  }

  /** Sets the cookie of a session, and returns what the browser is told of it. */
  setCookie(reply: FastifyReply, claim: SessionClaim, facts: SessionFacts): CookieSessionView {
    const view = this.viewOf(claim, facts);
    const value = encodeSessionCookie(this.key, claim);
    reply.header('Set-Cookie', `${this.name}=${value}${this.attributes}; Max-Age=${view.expires_in}`);
    return view;
  }

  viewOf({ sessionId }: SessionClaim, { expiresAt, issuedAt }: SessionFacts): CookieSessionView {
    const expiresIn = Math.floor(expiresAt.getTime() / 1000) - issuedAt;
    return { transport: 'cookie', session: shortUuid(sessionId), expires_in: expiresIn };
  }

  /** Tells the browser to delete the cookie. */
  clear(reply: FastifyReply): void {
    reply.header('Set-Cookie', `${this.name}=${this.attributes}; Max-Age=0`);
  }

  private valueOf(request: CookieRequest): string | null {
    if (request.headers.authorization !== undefined) return null;
    const [value, second] = cookieValuesOf(request, this.name);
    if (value === undefined) return null;
    // An attacker may have planted one of them, and nothing shows which one.
    if (second !== undefined) throw new AppError('token_invalid', { reason: `cookie: ${this.name} was sent twice` });
    this.refuseCrossSite(request);
    return value;
  }

  private async exchangeAnew(value: string, address?: () => string): Promise<ExchangedToken> {
    const claim = decodeSessionCookie(this.key, value);
    if (!claim) throw new AppError('token_invalid', { reason: 'cookie: not made by this service with its SECRET_KEY' });
    const mint = () => this.mint(value, claim, address?.() ?? null);
    const token = await this.exchanged.exchange('cookie', value, mint);
    // The token may come from an exchange that another request began before an epoch.
    return this.isStillValid(token.principal) ? token : this.exchanged.exchange('cookie', value, mint);
  }

  private async mint(value: string, claim: SessionClaim, address: string | null): Promise<string> {
    if (this.ended.has(value)) throw new AppError('token_revoked');
    const facts = await this.sessions.touch(claim, address);
    if (!facts) {
      this.ended.set(value, true);
      throw new AppError('token_revoked');
    }
    return (await this.tokens.mint(facts, claim.sessionId)).token;
  }

  private readonly isStillValid = (principal: Principal): boolean => !this.revocations.isRevoked(principal);
}
