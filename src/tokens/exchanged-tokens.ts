import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../common/clock.js';
import type { Principal } from '../common/principal.js';
import { AccessTokens } from './access-tokens.js';

const CACHED = 10_000;
/** A token is replaced when less than this part of its life is left, so that its receiver can still use it. */
const LAST_PART = 0.2;

export type CredentialKind = 'cookie' | 'apiKey';

/** An access token in place of an opaque credential. */
export interface ExchangedToken {
  readonly token: string;
  readonly principal: Principal;
}

/**
 * Opaque credentials (a session's cookie, an API key) are exchanged for access tokens when they are first shown; from then on
 * memory answers. What was revoked is for the caller to ask, every time. Each kind has a memory of its own, so that a
 * credential never passes for one of another kind.
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

  /** The token that stands in for a credential, while it `stands` and has a part of its life before it; else null. */
  cached(
    kind: CredentialKind,
    credential: string,
    isStillValid: (principal: Principal) => boolean,
  ): ExchangedToken | null {
    const known = this.exchanged[kind].get(credential);
    if (!known) return null;
    const { issuedAt, expiresAt } = known.principal;
    const renewAt = expiresAt - (expiresAt - issuedAt) * LAST_PART;
    // Also asks whether the key that signed it still stands.
    if (this.clock.seconds() < renewAt && this.accessTokens.cached(known.token) && isStillValid(known.principal))
      return known;
    this.exchanged[kind].delete(credential);
    return null;
  }

  /** Exchanges a credential by `mint`, once however many ask at the same time. Rejects as `mint` does. */
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
