import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../common/clock.js';
import type { Principal } from '../common/principal.js';
import { AccessTokens } from './access-tokens.js';

const CACHED = 10_000;
/** A token is replaced when less than this part of its life is left, so that whoever gets it can still use it. */
const LAST_PART = 0.2;

export type CredentialKind = 'cookie' | 'apiKey';

/** An access token in place of an opaque credential. */
export interface TradedToken {
  readonly token: string;
  readonly principal: Principal;
}

/**
 * Opaque credentials (a session's cookie, an API key) are traded for access tokens when they are first shown; from then on
 * memory answers. What was revoked is for the caller to ask, every time. Each kind has a memory of its own, so that a
 * credential never passes for one of another kind.
 */
@Injectable()
export class TradedTokens {
  private readonly traded: Record<CredentialKind, LRUCache<string, TradedToken>> = {
    cookie: new LRUCache({ max: CACHED }),
    apiKey: new LRUCache({ max: CACHED }),
  };
  private readonly trading: Record<CredentialKind, Map<string, Promise<TradedToken>>> = {
    cookie: new Map(),
    apiKey: new Map(),
  };

  constructor(
    private readonly accessTokens: AccessTokens,
    private readonly clock: Clock,
  ) {}

  /** The token that stands in for a credential, while it `stands` and has a part of its life before it; else null. */
  recall(kind: CredentialKind, credential: string, stands: (principal: Principal) => boolean): TradedToken | null {
    const known = this.traded[kind].get(credential);
    if (!known) return null;
    const { issuedAt, expiresAt } = known.principal;
    const renewAt = expiresAt - (expiresAt - issuedAt) * LAST_PART;
    // Also asks whether the key that signed it still stands.
    if (this.clock.seconds() < renewAt && this.accessTokens.recall(known.token) && stands(known.principal))
      return known;
    this.traded[kind].delete(credential);
    return null;
  }

  /** Trades a credential by `mint`, once however many ask at the same time. Rejects as `mint` does. */
  async trade(kind: CredentialKind, credential: string, mint: () => Promise<string>): Promise<TradedToken> {
    const trading = this.trading[kind];
    let trade = trading.get(credential);
    if (!trade) {
      trade = this.mintAndVerify(kind, credential, mint).finally(() => trading.delete(credential));
      trading.set(credential, trade);
    }
    return trade;
  }

  private async mintAndVerify(
    kind: CredentialKind,
    credential: string,
    mint: () => Promise<string>,
  ): Promise<TradedToken> {
    const token = await mint();
    const traded = { token, principal: await this.accessTokens.verify(token) };
    this.traded[kind].set(credential, traded);
    return traded;
  }
}
