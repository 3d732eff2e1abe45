import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../common/principal.js';
import { accessTokenOf, missingToken } from '../tokens/bearer.js';
import { RevocationService } from '../revocation/revocation.service.js';
import { AccessTokens } from '../tokens/access-tokens.js';
import { DpopProofs } from '../tokens/dpop/dpop-proofs.js';
import type { ProofOfPossession } from '../tokens/dpop/proof-of-possession.js';

/** Checks the access token of a request at endpoints without a guard, because they also accept other credentials. */
@Injectable()
export class PresentedTokens {
  private readonly proofOfPossession: ProofOfPossession<FastifyRequest>;

  constructor(
    private readonly tokens: AccessTokens,
    private readonly revocations: RevocationService,
    proofs: DpopProofs,
  ) {
    this.proofOfPossession = proofs.ownRequests();
  }

  /**
   * Returns the principal of the request's token. Throws `token_missing`, `token_invalid`, `token_revoked`, and the
   * errors of proof of possession.
   */
  async principalOf(request: FastifyRequest): Promise<Principal> {
    const principal = await this.principalForAny(request);
    this.tokens.requireForUs(principal);
    return principal;
  }

  /** Returns the principal of a token for any audience, which opens nothing of this service but what says so. */
  async principalForAny(request: FastifyRequest): Promise<Principal> {
    const token = accessTokenOf(request);
    if (!token) throw missingToken(request.headers);
    const principal = await this.tokens.verify(token);
    this.proofOfPossession.check(principal, token, request);
    this.revocations.check(principal);
    return principal;
  }
}
