import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { LRUCache } from 'lru-cache';
import { Clock } from '../common/clock.js';
import { randomId } from '../common/crypto.js';
import { AppError } from '../common/errors.js';
import type { Principal, Role } from '../common/principal.js';
import { KeyRing, type RingKey } from '../keys/key-ring.js';
import { KeyRotationService } from '../keys/key-rotation.service.js';
import { Config } from '../platform/config/config.js';
import { isExpired, principalOf, type AccessTokenClaims } from './claims.js';
import { encodedHeaderOf } from './form-gate.js';

/** Whom a token is minted for. */
export interface TokenSubject {
  userId: string;
  /** The session's short id (`sid`). */
  session: string;
  email: string;
  roles: readonly Role[];
  /** Seconds since the epoch (`iat`). */
  issuedAt: number;
  /** Seconds since the epoch: a token never outlives its session. */
  sessionExpiresAt: number;
  /** Where its status stands, for a token that says so (`status`). */
  statusList?: { idx: number; uri: string } | null;
}

const CACHED_TOKENS = 10_000;

interface Verified {
  principal: Principal;
  key: RingKey;
}

/** Our own JSON and no other: no claim twice, no number beyond a double, nothing that is not UTF-8 (RFC 7519 4). */
const isAsMinted = (token: string, claims: unknown): boolean =>
  token.split('.')[1] === Buffer.from(JSON.stringify(claims)).toString('base64url');

/** Mints and verifies access tokens. Whether one has been revoked is a question for `revocation`. */
@Injectable()
export class AccessTokens {
  private readonly verified = new LRUCache<string, Verified>({ max: CACHED_TOKENS });

  constructor(
    private readonly config: Config,
    private readonly jwt: JwtService,
    private readonly ring: KeyRing,
    private readonly rotation: KeyRotationService,
    private readonly clock: Clock,
  ) {}

  issue(subject: TokenSubject): { token: string; expiresIn: number } {
    const { config } = this;
    const { key } = this.ring.signer;
    const iat = subject.issuedAt;
    const exp = Math.min(iat + config.accessTokenTtl, subject.sessionExpiresAt);
    const claims: AccessTokenClaims = {
      iss: config.publicUrl,
      sub: subject.userId,
      aud: config.audience,
      exp,
      iat,
      jti: randomId(9),
      client_id: config.clientId,
      sid: subject.session,
      ...(config.tokenRoles && { roles: [...subject.roles] }),
      ...(config.tokenEmail && { email: subject.email }),
      ...(subject.statusList && { status: { status_list: subject.statusList } }),
    };
    const token = this.jwt.sign(claims, {
      algorithm: key.alg,
      keyid: key.kid,
      header: { alg: key.alg, typ: config.tokenType },
    });
    return { token, expiresIn: exp - iat };
  }

  /** The principal of a token verified before, which is every request of a client but its first. Null where unknown. */
  recall(token: string): Principal | null {
    const entry = this.verified.get(token);
    if (!entry) return null;
    // A key that is gone, by retirement or by emergency, takes its tokens with it.
    const stands = this.ring.byEncodedHeader(token.slice(0, token.indexOf('.'))) === entry.key;
    if (stands && !isExpired(entry.principal.expiresAt, this.clock.seconds())) return entry.principal;
    this.verified.delete(token);
    return null;
  }

  /** Form gate and key, before anything of the token is decoded. Throws `token_invalid`. */
  async keyFor(token: string): Promise<KeyObject> {
    const header = encodedHeaderOf(token);
    if (!header) throw new AppError('token_invalid');
    if (!this.ring.byEncodedHeader(header) && this.ring.isOfOurForm(header)) await this.rotation.reloadForUnknownKey();
    const key = this.ring.byEncodedHeader(header);
    if (!key) throw new AppError('token_invalid');
    return key.verificationKey;
  }

  /** What the claims of a token whose signature has been verified state. Throws `token_invalid`. */
  accept(token: string, claims: unknown): Principal {
    const expected = { issuer: this.config.publicUrl, audience: this.config.audience };
    const principal = principalOf(claims, expected, this.clock.seconds());
    const key = this.ring.byEncodedHeader(token.slice(0, token.indexOf('.')));
    if (!principal || !key || !isAsMinted(token, claims)) throw new AppError('token_invalid');
    this.verified.set(token, { principal, key });
    return principal;
  }

  /** The whole verification outside of a guarded route. Throws `token_invalid`. */
  async verify(token: string): Promise<Principal> {
    const known = this.recall(token);
    if (known) return known;
    await this.keyFor(token);
    let claims: object;
    try {
      claims = this.jwt.verify<object>(token);
    } catch (cause) {
      throw new AppError('token_invalid', { cause });
    }
    return this.accept(token, claims);
  }
}
