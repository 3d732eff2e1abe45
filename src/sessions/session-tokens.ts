import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { deriveKey } from '../common/crypto.js';
import { shortUuid } from '../common/uuid.js';
import { Config } from '../platform/config/config.js';
import { statusListReference } from '../revocation/status-list/status-list.js';
import { AccessTokens } from '../tokens/access-tokens.js';
import type { Authentication } from './new-session.js';
import { decodeRefreshToken, encodeRefreshToken, type RefreshClaim } from './refresh-token.js';
import type { OwnedRow } from './session.statements.js';
import type { TokenResponse } from './token.view.js';

/** What the tokens of a session state, and when the session ends at the latest. */
export interface SessionFacts {
  userId: string;
  email: string;
  roles: string[];
  /** Seconds: the `iat` of the tokens that state this. */
  issuedAt: number;
  /** Its place in the Token Status Lists; null for a session older than those. */
  statusIndex: number | null;
  /** The thumbprint of the key that its tokens are bound to; null for bearer tokens. */
  keyThumbprint: string | null;
  expiresAt: Date;
  /** Null: the first-party client. */
  client: string | null;
  scopes: readonly string[];
  /** Null: `JWT_AUDIENCE`. */
  audiences: readonly string[] | null;
  authentication: Authentication;
  /** Whether access tokens state the authentication: where more was proved than one factor at the sign-in. */
  isElevated: boolean;
}

export const factsOf = (row: OwnedRow): SessionFacts => ({
  userId: row.user_id,
  email: row.email,
  roles: row.roles,
  issuedAt: Math.floor(row.rotated_at.getTime() / 1000),
  statusIndex: row.status_index,
  keyThumbprint: row.dpop_jkt,
  expiresAt: row.expires_at,
  client: row.client_id,
  scopes: row.scopes,
  audiences: row.audiences,
  authentication: { at: row.auth_time, methods: row.amr, level: row.acr },
  isElevated: row.is_elevated,
});

/** What a client's own settings add to the tokens of its session. */
export interface IssueTerms {
  /** Seconds. */
  lifetime?: number | undefined;
  /** The last thing that is awaited before a token is minted; it throws where the client may not have it any more. */
  confirm?: () => Promise<unknown>;
}

const expirySecond = ({ expiresAt }: SessionFacts): number => Math.floor(expiresAt.getTime() / 1000);

/** The pair of tokens that a session hands out. */
@Injectable()
export class SessionTokens {
  private readonly refreshKey: KeyObject;

  constructor(
    private readonly config: Config,
    private readonly accessTokens: AccessTokens,
  ) {
    this.refreshKey = deriveKey(config.secretKey, 'refresh-tokens');
  }

  /** Throws `unavailable` where clocks disagree, and as `terms` do. */
  async respond(facts: SessionFacts, claim: RefreshClaim, terms: IssueTerms = {}): Promise<TokenResponse> {
    const { token, expiresIn } = await this.mint(facts, claim.sessionId, terms);
    return {
      access_token: token,
      token_type: facts.keyThumbprint === null ? 'Bearer' : 'DPoP',
      expires_in: expiresIn,
      refresh_token: encodeRefreshToken(this.refreshKey, claim),
      refresh_expires_in: Math.min(this.config.sessionIdleLimit, expirySecond(facts) - facts.issuedAt),
      ...(facts.scopes.length > 0 && { scope: facts.scopes.join(' ') }),
    };
  }

  /** An access token alone. Throws as {@link respond} does. */
  async mint(
    facts: SessionFacts,
    sessionId: string,
    { lifetime, confirm }: IssueTerms = {},
  ): Promise<{ token: string; expiresIn: number }> {
    const { issuedAt, statusIndex } = facts;
    await this.accessTokens.waitFor(issuedAt);
    if (confirm) await confirm();
    const { tokenStatus, publicUrl } = this.config;
    return this.accessTokens.issue({
      subject: facts.userId,
      client: facts.client ?? this.config.clientId,
      audiences: facts.audiences ?? [this.config.audience],
      scopes: facts.scopes,
      session: shortUuid(sessionId),
      email: facts.email,
      roles: facts.roles,
      keyThumbprint: facts.keyThumbprint,
      authentication: facts.isElevated ? facts.authentication : null,
      issuedAt,
      lifetime,
      notAfter: expirySecond(facts),
      statusList: tokenStatus && statusIndex !== null ? statusListReference(publicUrl, statusIndex) : null,
    });
  }

  /** Null for a text that is no refresh token of ours. */
  read(refreshToken: string): RefreshClaim | null {
    return decodeRefreshToken(this.refreshKey, refreshToken);
  }
}
