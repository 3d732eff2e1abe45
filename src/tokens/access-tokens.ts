import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { LRUCache } from 'lru-cache';
import { Clock } from '../common/clock.js';
import { randomId } from '../common/crypto.js';
import { AppError } from '../common/errors.js';
import type { Actor, Principal, Role } from '../common/principal.js';
import { KeyRing, type RingKey } from '../keys/key-ring.js';
import { KeyRotationService } from '../keys/key-rotation.service.js';
import { reasonOf } from '../common/refusal-reason.js';
import { Config } from '../platform/config/config.js';
import { excuseWait } from '../platform/http/answer-limit.js';
import { actorClaimOf, authenticationClaimsOf, isExpired, principalOf, type AccessTokenClaims } from './claims.js';
import { compactJwsOf } from '../jose/form-gate.js';
import { isSignedBy, jsonObjectOf, type JsonObject } from '../jose/jws.js';

/** The contents of a token that is to be minted. */
export interface TokenGrant {
  /** The id of the user, or of a client that acts for itself (`sub`). */
  subject: string;
  /** The client that the token is issued to (`client_id`). */
  client: string;
  /** The session's short id (`sid`). */
  session?: string | null;
  audiences: readonly string[];
  scopes?: readonly string[];
  email?: string | null;
  roles?: readonly Role[];
  actor?: Actor | null;
  /** The key that the token is bound to; see {@link Principal.keyThumbprint}. */
  keyThumbprint?: string | null;
  /** When and how the user authenticated (`auth_time`, `amr`, `acr`); null where the token does not state it. */
  authentication?: { at: Date; methods: readonly string[]; level: string } | null;
  /** Seconds since the epoch (`iat`). */
  issuedAt: number;
  /** Lifetime in seconds. It is limited to `ACCESS_TOKEN_TTL`, which the log of revocations relies on. */
  lifetime?: number | undefined;
  /**
   * The latest expiry, in seconds since the epoch: the end of its session, or of the token that it is exchanged for.
   */
  notAfter?: number;
  /** The place of its status, for a token that states it (`status`). */
  statusList?: { idx: number; uri: string } | null;
}

const CACHED_TOKENS = 10_000;
/**
 * The longest wait before minting, in seconds. A token is not minted before its `iat`, which is later than every epoch.
 */
const MAX_EPOCH_WAIT = 5;

interface Verified {
  principal: Principal;
  key: RingKey;
}

/**
 * Tells whether a payload is written as ours are: no claim twice, no number beyond a double, only UTF-8 (RFC 7519 4).
 */
const isAsMinted = (payload: string, claims: JsonObject): boolean =>
  payload === Buffer.from(JSON.stringify(claims)).toString('base64url');

const refused = (reason: string): AppError => new AppError('token_invalid', { reason });

/** Mints and verifies access tokens. The folder `revocation` knows whether one has been revoked. */
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

  issue(grant: TokenGrant): { token: string; expiresIn: number } {
    const { config } = this;
    const { key, signingKey } = this.ring.signer;
    const { issuedAt: iat, lifetime = Infinity, notAfter = Infinity, audiences, scopes = [] } = grant;
    const exp = Math.min(iat + Math.min(lifetime, config.accessTokenTtl), notAfter);
    const claims: AccessTokenClaims = {
      iss: config.publicUrl,
      sub: grant.subject,
      aud: audiences.length === 1 ? audiences[0]! : [...audiences],
      exp,
      iat,
      jti: randomId(9),
      client_id: grant.client,
      ...(grant.session && { sid: grant.session }),
      ...(scopes.length > 0 && { scope: scopes.join(' ') }),
      ...(config.tokenRoles && grant.roles && { roles: [...grant.roles] }),
      ...(config.tokenEmail && grant.email && { email: grant.email }),
      ...(grant.actor && { act: actorClaimOf(grant.actor) }),
      ...(grant.authentication && authenticationClaimsOf(grant.authentication)),
      ...(grant.keyThumbprint && { cnf: { jkt: grant.keyThumbprint } }),
      ...(grant.statusList && { status: { status_list: grant.statusList } }),
    };
    const token = this.jwt.sign(claims, {
      privateKey: signingKey,
      algorithm: key.alg,
      keyid: key.kid,
      header: { alg: key.alg, typ: config.tokenType },
    });
    return { token, expiresIn: exp - iat };
  }

  /**
   * Waits until a token with this `iat` (seconds) may be minted. In the second of an epoch that is the rest of the
   * second. Throws `unavailable` where clocks disagree.
   */
  async waitFor(issuedAt: number): Promise<void> {
    const wait = issuedAt * 1000 - this.clock.now();
    if (wait > MAX_EPOCH_WAIT * 1000) throw new AppError('unavailable', { retryAfterSeconds: MAX_EPOCH_WAIT });
    if (wait <= 0) return;
    excuseWait(wait);
    await sleep(wait);
  }

  /**
   * Returns the principal of a token that was verified before, as on every request of a client but its first; null for
   * an unknown token. Does not check whether the token is meant for us: see {@link requireForUs}.
   */
  cached(token: string): Principal | null {
    const entry = this.verified.get(token);
    if (!entry) return null;
    if (this.ring.holds(entry.key) && !isExpired(entry.principal.expiresAt, this.clock.seconds()))
      return entry.principal;
    this.verified.delete(token);
    return null;
  }

  /** Accepts a token that is meant for this service itself. Throws `token_invalid`. */
  requireForUs({ audiences }: Principal): void {
    const { audience } = this.config;
    if (!audiences.includes(audience)) throw refused(reasonOf('aud', audience, audiences));
  }

  /**
   * Verifies a token for any audience: its form, its key, its signature, then every claim. Nothing is decoded before
   * the key is known, and nothing is trusted before the signature is verified. Throws `token_invalid`, and
   * `unavailable` where the keys cannot be read.
   */
  async verify(token: string): Promise<Principal> {
    const known = this.cached(token);
    if (known) return known;
    const jws = compactJwsOf(token);
    if (!jws) throw refused(reasonOf('form', 'a JWS in compact serialisation', `${token.length} characters`));
    let key = this.ring.byEncodedHeader(jws.header);
    if (!key && this.ring.isOfOurForm(jws.header)) {
      await this.rotation.reloadForUnknownKey();
      key = this.ring.byEncodedHeader(jws.header);
    }
    if (!key) throw refused(this.ring.reasonAgainst(jws.header));
    if (!isSignedBy(jws, key.alg, key.verificationKey)) {
      throw refused('signature: expected one by the key of the header, found another');
    }
    const claims = jsonObjectOf(jws.payload);
    const principal = principalOf(claims, this.config.publicUrl, this.clock.seconds());
    if (!claims || !isAsMinted(jws.payload, claims)) {
      throw refused('payload: expected JSON as this service writes it, found another');
    }
    this.verified.set(token, { principal, key });
    return principal;
  }
}
