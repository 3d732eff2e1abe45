import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { deriveKey } from '../common/crypto.js';
import { shortUuid } from '../common/uuid.js';
import { Config } from '../platform/config/config.js';
import { statusListReference } from '../revocation/status-list/status-list.js';
import { AccessTokens } from '../tokens/access-tokens.js';
import type { Authentication } from './new-session.js';
import { decodeRefreshToken, encodeRefreshToken, type RefreshClaim } from './refresh/refresh-token.js';
import type { OwnedRow } from './session.statements.js';
import type { TokenResponse } from './token.view.js';

/** The contents of a session's tokens, and the latest end of the session. */
export interface SessionFacts {
  userId: string;
  email: string;
  roles: string[];
  /** The `iat` of the tokens with these contents, in seconds. */
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
  /**
   * Whether access tokens state the authentication: that is where the user proved more than one factor at the sign-in.
   */
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

/** The settings of a client for the tokens of its session. */
export interface IssueTerms {
  /** Seconds. */
  lifetime?: number | undefined;
  /** Called as the last wait before a token is minted. It throws where the client may not have the token any more. */
  confirm?: () => Promise<unknown>;
}

const expirySecond = ({ expiresAt }: SessionFacts): number => Math.floor(expiresAt.getTime() / 1000);

/** Makes the access token and the refresh token of a session. */
@Injectable()
export class SessionTokens {
  private readonly refreshKey: KeyObject;

  constructor(
    private readonly config: Config,
    private readonly accessTokens: AccessTokens,
  ) {
    this.refreshKey = deriveKey(config.secretKey, 'refresh-tokens');
  }

  /**
   * Returns an access token and a refresh token. Throws `unavailable` where clocks disagree, and the errors of
   * `terms.confirm`.
   */
  async issue(facts: SessionFacts, claim: RefreshClaim, terms: IssueTerms = {}): Promise<TokenResponse> {
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

  /** Mints an access token alone. Throws as {@link issue} does. */
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

  /** Decodes a refresh token; null for a text that is no refresh token of ours. */
  decode(refreshToken: string): RefreshClaim | null {
    return decodeRefreshToken(this.refreshKey, refreshToken);
  }
}
