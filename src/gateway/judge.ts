import { Injectable } from '@nestjs/common';
import { looksLikeApiKey } from '../api-keys/api-key.js';
import { ApiKeyTrade } from '../api-keys/api-key-trade.js';
import { AppError } from '../common/errors.js';
import type { Principal } from '../common/principal.js';
import { reasonOf } from '../common/refusal-reason.js';
import { accessTokenOf, missingToken, usesDpop } from '../tokens/bearer.js';
import { RevocationService } from '../revocation/revocation.service.js';
import { SessionCookies } from '../auth/cookies/session-cookies.js';
import { AccessTokens } from '../tokens/access-tokens.js';
import { DpopProofs } from '../tokens/dpop/dpop-proofs.js';
import type { Possession } from '../tokens/dpop/possession.js';
import type { TradedToken } from '../tokens/traded-tokens.js';
import { clientUrlOf, isPreflight, type ClientRequest } from './client-request.js';
import { identityHeadersOf, NO_IDENTITY, type IdentityHeaders } from './identity.js';
import type { Question } from './question.js';

function requireAll(name: string, required: readonly string[], held: readonly string[]): void {
  const missing = required.find((one) => !held.includes(one));
  if (missing === undefined) return;
  const scopes = name === 'scope' ? required : [];
  throw new AppError('forbidden', { reason: reasonOf(name, missing, held), scopes });
}

/** Judges the requests that gateways ask about, over HTTP and gRPC alike. */
@Injectable()
export class Judge {
  private readonly identities = new WeakMap<Principal | TradedToken, IdentityHeaders>();
  private readonly possession: Possession<ClientRequest>;

  constructor(
    private readonly tokens: AccessTokens,
    private readonly revocations: RevocationService,
    private readonly cookies: SessionCookies,
    private readonly apiKeys: ApiKeyTrade,
    proofs: DpopProofs,
  ) {
    this.possession = proofs.possession(clientUrlOf);
  }

  /**
   * Who it is, where the request may pass; at once where memory suffices. Throws, or rejects with, what speaks against it:
   * 401 and 403 are statements about the request, anything else says that we cannot know.
   */
  judge(question: Question, request: ClientRequest): IdentityHeaders | Promise<IdentityHeaders> {
    if (question.passesPreflights && isPreflight(request)) return NO_IDENTITY;
    const token = accessTokenOf(request);
    if (!token) return this.judgeCookie(question, request);
    const known = this.tokens.recall(token);
    if (known) return this.admitHolder(known, token, question, request);
    if (looksLikeApiKey(token)) return this.judgeApiKey(token, question, request);
    return this.tokens.verify(token).then((principal) => this.admitHolder(principal, token, question, request));
  }

  private admitHolder(
    principal: Principal,
    token: string,
    question: Question,
    request: ClientRequest,
  ): IdentityHeaders {
    this.possession.check(principal, token, request);
    this.admit(principal, question);
    return this.identityOf(principal);
  }

  private judgeApiKey(
    key: string,
    question: Question,
    { headers, address = () => 'unknown' }: ClientRequest,
  ): IdentityHeaders | Promise<IdentityHeaders> {
    // A key is no token, and bound to nothing.
    if (usesDpop(headers)) {
      throw new AppError('token_invalid', { reason: 'Authorization: expected Bearer with an API key, found DPoP' });
    }
    return this.admitInPlace(this.apiKeys.tradeOf(key, address), question);
  }

  private judgeCookie(question: Question, request: ClientRequest): IdentityHeaders | Promise<IdentityHeaders> {
    const { isMethodCertain, method, headers, address } = request;
    const traded = this.cookies.tradeOf({ method: isMethodCertain ? method : null, headers }, address);
    if (!traded) throw missingToken(headers);
    return this.admitInPlace(traded, question);
  }

  /** Services see the token that stands in for an opaque credential, and nothing of the credential. */
  private admitInPlace(
    traded: TradedToken | Promise<TradedToken>,
    question: Question,
  ): IdentityHeaders | Promise<IdentityHeaders> {
    if (traded instanceof Promise) return traded.then((token) => this.admitInPlace(token, question));
    this.admit(traded.principal, question);
    return this.identityOf(traded.principal, traded);
  }

  private admit(principal: Principal, { roles, scopes, audiences }: Question): void {
    this.revocations.check(principal);
    // Who asks for no audience means the one that is set.
    if (audiences.length === 0) this.tokens.requireForUs(principal);
    requireAll('role', roles, principal.roles);
    requireAll('scope', scopes, principal.scopes);
    requireAll('aud', audiences, principal.audiences);
  }

  private identityOf(principal: Principal, traded?: TradedToken): IdentityHeaders {
    const key = traded ?? principal;
    let identity = this.identities.get(key);
    if (!identity) {
      identity = { ...identityHeadersOf(principal), ...(traded && { Authorization: `Bearer ${traded.token}` }) };
      this.identities.set(key, identity);
    }
    return identity;
  }
}
