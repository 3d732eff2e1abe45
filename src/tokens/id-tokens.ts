import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { compactJwsOf } from '../jose/form-gate.js';
import { encodedHeaderOf, isSignedBy, jsonObjectOf, signJws } from '../jose/jws.js';
import { KeyRing } from '../keys/key-ring.js';
import { Config } from '../platform/config/config.js';

/** RFC 7519 5.1. Access tokens have another type, and other claims. */
const TYPE = 'JWT';

/** The contents of an ID token that is to be minted. */
export interface IdTokenGrant {
  /** The id of the user. */
  subject: string;
  client: string;
  /** The session's short id. */
  session: string;
  authentication: { at: Date; methods: readonly string[]; level: string };
  /** The access token that comes with it. */
  accessToken: string;
  nonce?: string | null;
  /** Further claims of the person. */
  claims?: Readonly<Record<string, unknown>>;
  /** Seconds since the epoch. */
  issuedAt: number;
  /** Seconds. */
  lifetime: number;
}

/** The facts of a genuine ID token, which may have expired. */
export interface IdTokenHint {
  readonly subject: string;
  readonly client: string;
  readonly session: string;
}

/** Mints ID tokens (OpenID Connect Core 1.0 2), and verifies those that come back as a hint. */
@Injectable()
export class IdTokens {
  constructor(
    private readonly config: Config,
    private readonly ring: KeyRing,
  ) {}

  issue(grant: IdTokenGrant): string {
    const { authentication, nonce, issuedAt } = grant;
    const claims = {
      iss: this.config.publicUrl,
      sub: grant.subject,
      aud: grant.client,
      exp: issuedAt + grant.lifetime,
      iat: issuedAt,
      auth_time: Math.floor(authentication.at.getTime() / 1000),
      acr: authentication.level,
      amr: authentication.methods,
      sid: grant.session,
      at_hash: hashOf(grant.accessToken),
      ...(nonce && { nonce }),
      ...grant.claims,
    };
    return signJws(TYPE, JSON.stringify(claims), this.ring.signer);
  }

  /**
   * Verifies an ID token that a client sends as a hint (OpenID Connect RP-Initiated Logout 1.0 2). It may have expired.
   * Returns null for a text that is no ID token of this service.
   */
  hintOf(token: string): IdTokenHint | null {
    const jws = compactJwsOf(token);
    const { alg, kid } = (jws && jsonObjectOf(jws.header)) ?? {};
    if (!jws || typeof alg !== 'string' || typeof kid !== 'string') return null;
    const named = { alg, kid } as Parameters<typeof encodedHeaderOf>[1];
    const key = this.ring.byEncodedHeader(encodedHeaderOf(this.config.tokenType, named));
    // The header must be the one that this service writes, so that the token of another kind is no hint.
    if (!key || jws.header !== encodedHeaderOf(TYPE, key) || !isSignedBy(jws, key.alg, key.verificationKey))
      return null;
    const { iss, sub, aud, sid, at_hash: hash } = jsonObjectOf(jws.payload) ?? {};
    const areTexts = typeof sub === 'string' && typeof aud === 'string' && typeof sid === 'string';
    if (iss !== this.config.publicUrl || !areTexts || typeof hash !== 'string') return null;
    return { subject: sub, client: aud, session: sid };
  }
}

/** The left half of the SHA-256 hash (OpenID Connect Core 1.0 3.1.3.6). */
const hashOf = (token: string): string =>
  createHash('sha256').update(token).digest().subarray(0, 16).toString('base64url');
