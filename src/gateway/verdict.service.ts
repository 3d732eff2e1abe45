import { Injectable } from '@nestjs/common';
import { looksLikeApiKey } from '../api-keys/api-key.js';
import { ApiKeyExchange } from '../api-keys/api-key-exchange.js';
import { AppError } from '../common/errors.js';
import type { Principal } from '../common/principal.js';
import { reasonOf } from '../common/refusal-reason.js';
import { accessTokenOf, missingToken, usesDpop } from '../tokens/bearer.js';
import { RevocationService } from '../revocation/revocation.service.js';
import { SessionCookies } from '../auth/cookies/session-cookies.js';
import { AccessTokens } from '../tokens/access-tokens.js';
import { DpopProofs } from '../tokens/dpop/dpop-proofs.js';
import type { ProofOfPossession } from '../tokens/dpop/proof-of-possession.js';
import type { ExchangedToken } from '../tokens/exchanged-tokens.js';
import { clientUrlOf, isPreflight, type ClientRequest } from './client-request.js';
import { identityHeadersOf, NO_IDENTITY, type IdentityHeaders } from './identity.js';
import type { Requirements } from './requirements.js';

function requireAll(name: string, required: readonly string[], held: readonly string[]): void {
  const missing = required.find((one) => !held.includes(one));
  if (missing === undefined) return;
  const scopes = name === 'scope' ? required : [];
  throw new AppError('forbidden', { reason: reasonOf(name, missing, held), scopes });
}

/** Decides whether the requests that gateways ask about may pass, over HTTP and gRPC alike. */
@Injectable()
export class VerdictService {
  private readonly identities = new WeakMap<Principal | ExchangedToken, IdentityHeaders>();
  private readonly proofOfPossession: ProofOfPossession<ClientRequest>;

  constructor(
    private readonly tokens: AccessTokens,
    private readonly revocations: RevocationService,
    private readonly cookies: SessionCookies,
    private readonly apiKeys: ApiKeyExchange,
    proofs: DpopProofs,
  ) {
    this.proofOfPossession = proofs.proofOfPossession(clientUrlOf);
  }

  /**
   * Decides about a request, and returns the headers of its identity; without a promise where everything is cached.
   * Throws or rejects with the refusal: 401 and 403 are statements about the request, every other error means that we
   * cannot know.
   */
  decide(requirements: Requirements, request: ClientRequest): IdentityHeaders | Promise<IdentityHeaders> {
    if (requirements.passesPreflights && isPreflight(request)) return NO_IDENTITY;
    const token = accessTokenOf(request);
    if (!token) return this.admitByCookie(requirements, request);
    const known = this.tokens.cached(token);
    if (known) return this.admitHolder(known, token, requirements, request);
    if (looksLikeApiKey(token)) return this.admitByApiKey(token, requirements, request);
    return this.tokens.verify(token).then((principal) => this.admitHolder(principal, token, requirements, request));
  }

  private admitHolder(
    principal: Principal,
    token: string,
    requirements: Requirements,
    request: ClientRequest,
  ): IdentityHeaders {
    this.proofOfPossession.check(principal, token, request);
    this.admit(principal, requirements);
    return this.identityOf(principal);
  }

  private admitByApiKey(
    key: string,
    requirements: Requirements,
    { headers, address = () => 'unknown' }: ClientRequest,
  ): IdentityHeaders | Promise<IdentityHeaders> {
    // An API key is no token, and never bound to a key.
    if (usesDpop(headers)) {
      throw new AppError('token_invalid', { reason: 'Authorization: expected Bearer with an API key, found DPoP' });
    }
    return this.admitExchanged(this.apiKeys.exchange(key, address), requirements);
  }

  private admitByCookie(
    requirements: Requirements,
    request: ClientRequest,
  ): IdentityHeaders | Promise<IdentityHeaders> {
    const { isMethodCertain, method, headers, address } = request;
    const exchanged = this.cookies.exchangeCookie({ method: isMethodCertain ? method : null, headers }, address);
    if (!exchanged) throw missingToken(headers);
    return this.admitExchanged(exchanged, requirements);
  }

  /** Admits a request by an exchanged token. Services see the token, and not the opaque credential. */
  private admitExchanged(
    exchanged: ExchangedToken | Promise<ExchangedToken>,
    requirements: Requirements,
  ): IdentityHeaders | Promise<IdentityHeaders> {
    if (exchanged instanceof Promise) return exchanged.then((token) => this.admitExchanged(token, requirements));
    this.admit(exchanged.principal, requirements);
    return this.identityOf(exchanged.principal, exchanged);
  }

  private admit(principal: Principal, { roles, scopes, audiences }: Requirements): void {
    this.revocations.check(principal);
    // A gateway that requires no audience means the configured one.
    if (audiences.length === 0) this.tokens.requireForUs(principal);
    requireAll('role', roles, principal.roles);
    requireAll('scope', scopes, principal.scopes);
    requireAll('aud', audiences, principal.audiences);
  }

  private identityOf(principal: Principal, exchanged?: ExchangedToken): IdentityHeaders {
    const key = exchanged ?? principal;
    let identity = this.identities.get(key);
    if (!identity) {
      identity = { ...identityHeadersOf(principal), ...(exchanged && { Authorization: `Bearer ${exchanged.token}` }) };
      this.identities.set(key, identity);
    }
    return identity;
  }
}
