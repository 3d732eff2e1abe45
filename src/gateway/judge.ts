import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors.js';
import type { Principal } from '../common/principal.js';
import { bearerTokenOf } from '../platform/http/bearer.js';
import { RevocationService } from '../revocation/revocation.service.js';
import { SessionCookies } from '../sessions/session-cookies.js';
import { AccessTokens } from '../tokens/access-tokens.js';
import type { TradedToken } from '../tokens/traded-tokens.js';
import { isPreflight, type ClientRequest } from './client-request.js';
import { identityHeadersOf, NO_IDENTITY, type IdentityHeaders } from './identity.js';
import type { Question } from './question.js';

/** Judges the requests that gateways ask about, over HTTP and gRPC alike. */
@Injectable()
export class Judge {
  private readonly identities = new WeakMap<Principal, IdentityHeaders>();
  private readonly tradedIdentities = new WeakMap<TradedToken, IdentityHeaders>();

  constructor(
    private readonly tokens: AccessTokens,
    private readonly revocations: RevocationService,
    private readonly cookies: SessionCookies,
  ) {}

  /**
   * Who it is, where the request may pass; at once where memory suffices. Throws, or rejects with, what speaks against it:
   * 401 and 403 are statements about the request, anything else says that we cannot know.
   */
  judge(question: Question, request: ClientRequest): IdentityHeaders | Promise<IdentityHeaders> {
    if (question.passesPreflights && isPreflight(request)) return NO_IDENTITY;
    const token = bearerTokenOf(request);
    if (!token) return this.judgeCookie(question, request);
    const known = this.tokens.recall(token);
    if (known) return this.admit(known, question);
    return this.tokens.verify(token).then((principal) => this.admit(principal, question));
  }

  private judgeCookie(question: Question, request: ClientRequest): IdentityHeaders | Promise<IdentityHeaders> {
    const { isMethodCertain, method, headers, address } = request;
    const traded = this.cookies.tradeOf({ method: isMethodCertain ? method : null, headers }, address);
    if (!traded) throw new AppError('token_missing');
    return traded instanceof Promise
      ? traded.then((token) => this.admitTraded(token, question))
      : this.admitTraded(traded, question);
  }

  /** Services see the token that stands in for an opaque credential, and nothing of the credential. */
  private admitTraded(traded: TradedToken, question: Question): IdentityHeaders {
    const identity = this.admit(traded.principal, question);
    let headers = this.tradedIdentities.get(traded);
    if (!headers) {
      headers = { ...identity, Authorization: `Bearer ${traded.token}` };
      this.tradedIdentities.set(traded, headers);
    }
    return headers;
  }

  private admit(principal: Principal, { roles, scopes, audiences }: Question): IdentityHeaders {
    this.revocations.check(principal);
    // Who asks for no audience means the one that is set.
    if (audiences.length === 0 && !this.tokens.isForUs(principal)) throw new AppError('token_invalid');
    const suffices =
      roles.every((role) => principal.roles.includes(role)) &&
      scopes.every((scope) => principal.scopes.includes(scope)) &&
      audiences.every((audience) => principal.audiences.includes(audience));
    if (!suffices) throw new AppError('forbidden');
    let identity = this.identities.get(principal);
    if (!identity) this.identities.set(principal, (identity = identityHeadersOf(principal)));
    return identity;
  }
}
