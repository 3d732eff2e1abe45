import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../../common/errors.js';
import type { Principal } from '../../common/principal.js';
import { usesDpop } from '../bearer.js';
import { NONCE_LIFE } from './nonces.js';
import { MAX_AGE, MAX_AHEAD, type Proof, type ProofTarget } from './proof.js';
import { SeenProofs } from './seen-proofs.js';

/** A request with an access token, and perhaps with a proof. */
export interface TokenBearingRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Checks a proof, except whether it was used before. Throws `invalid_dpop_proof` or `use_dpop_nonce`, both with 401.
 */
export type ReadProof = (header: string | string[] | undefined, target: ProofTarget) => Proof;

/**
 * Checks that the sender of an access token has the key that the token is bound to. Each place that admits requests has
 * an instance of its own: the proof that a gateway shows us is shown again to the service behind it, which may be this
 * one.
 */
export class ProofOfPossession<R extends TokenBearingRequest> {
  private readonly seen = new SeenProofs(MAX_AGE + MAX_AHEAD);
  /** The used proofs with a nonce, which stay acceptable for longer than their `iat` alone allows. */
  private readonly seenWithNonce = new SeenProofs(NONCE_LIFE);

  /** `urlOf` returns the absolute URL of a request as its client sees it. It is called only for bound tokens. */
  constructor(
    private readonly read: ReadProof,
    private readonly now: () => number,
    private readonly urlOf: (request: R) => string,
  ) {}

  /**
   * Accepts bearer tokens under the scheme `Bearer`, and bound tokens with a proof that was not used before
   * (RFC 9449 7.1). Throws every refusal with 401.
   */
  check({ keyThumbprint }: Principal, token: string, request: R): void {
    const { headers, method } = request;
    if (keyThumbprint === null) {
      if (!usesDpop(headers)) return;
      throw new AppError('token_invalid', { detail: 'It is bound to no key: send it as a bearer token.' });
    }
    // RFC 9449 7.2: a bound token is no bearer token.
    if (!usesDpop(headers)) throw new AppError('token_bound');
    const proof = this.read(headers['dpop'], { method, url: this.urlOf(request), accessToken: token });
    // RFC 9449 4.3 (12).
    if (proof.thumbprint !== keyThumbprint) throw fault('The token is bound to another key.');
    const seen = proof.nonce === null ? this.seen : this.seenWithNonce;
    if (!seen.isFirst(proof, this.now())) throw fault('The proof had been used before.');
  }
}

const fault = (detail: string) => new AppError('invalid_dpop_proof', { status: 401, detail });
