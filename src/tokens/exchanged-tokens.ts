import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../common/clock.js';
import type { Principal } from '../common/principal.js';
import { AccessTokens } from './access-tokens.js';

const CACHED = 10_000;
/** The part of a token's life below which it is replaced, so that its receiver can still use it. */
const LAST_PART = 0.2;

export type CredentialKind = 'cookie' | 'apiKey';

/** An access token that was exchanged for an opaque credential. */
export interface ExchangedToken {
  readonly token: string;
  readonly principal: Principal;
}

/**
 * Exchanges opaque credentials (a session's cookie, an API key) for access tokens, once, and then answers from memory.
 * The caller has to check each time whether the token was revoked. Each kind has a cache of its own, so that a
 * credential of one kind is never accepted as one of another.
 */
@Injectable()
export class ExchangedTokens {
  private readonly exchanged: Record<CredentialKind, LRUCache<string, ExchangedToken>> = {
    cookie: new LRUCache({ max: CACHED }),
    apiKey: new LRUCache({ max: CACHED }),
  };
  private readonly exchanging: Record<CredentialKind, Map<string, Promise<ExchangedToken>>> = {
    cookie: new Map(),
    apiKey: new Map(),
  };

  constructor(
    private readonly accessTokens: AccessTokens,
    private readonly clock: Clock,
  ) {}

  /**
   * Returns the cached token of a credential while `isStillValid` accepts it and enough of its life is left; else null.
   */
  cached(
    kind: CredentialKind,
    credential: string,
    isStillValid: (principal: Principal) => boolean,
  ): ExchangedToken | null {
    const known = this.exchanged[kind].get(credential);
    if (!known) return null;
    const { issuedAt, expiresAt } = known.principal;
    const renewAt = expiresAt - (expiresAt - issuedAt) * LAST_PART;
    // This also checks that the key of the token is still valid.
    if (this.clock.seconds() < renewAt && this.accessTokens.cached(known.token) && isStillValid(known.principal))
      return known;
    this.exchanged[kind].delete(credential);
    return null;
  }

  /** Exchanges a credential by `mint`, once for all callers at the same time. Rejects as `mint` does. */
  async exchange(kind: CredentialKind, credential: string, mint: () => Promise<string>): Promise<ExchangedToken> {
    const exchanging = this.exchanging[kind];
    let exchange = exchanging.get(credential);
    if (!exchange) {
      exchange = this.mintAndVerify(kind, credential, mint).finally(() => exchanging.delete(credential));
      exchanging.set(credential, exchange);
    }
    return exchange;
  }

  private async mintAndVerify(
    kind: CredentialKind,
    credential: string,
    mint: () => Promise<string>,
  ): Promise<ExchangedToken> {
    const token = await mint();
    const exchanged = { token, principal: await this.accessTokens.verify(token) };
    this.exchanged[kind].set(credential, exchanged);
    return exchanged;
  }
}
