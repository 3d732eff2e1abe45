import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { Clock } from '../../common/clock.js';
import { deriveKey } from '../../common/crypto.js';
import { AppError } from '../../common/errors.js';
import { Config } from '../../platform/config/config.js';
import { SingleUse } from '../../platform/database/single-use.js';
import { NONCE_LIFE, ProofNonces } from './nonces.js';
import { ProofOfPossession, type TokenBearingRequest } from './proof-of-possession.js';
import type { ProofKey } from './proof-key.js';
import { keyOfHeader, markOf, MAX_AGE, ProofFault, readProof, type Proof, type ProofTarget } from './proof.js';

const CACHED_KEYS = 1_000;
/** How far the clocks of instances may differ, in seconds. */
const SKEW = 60;

/**
 * Checks proofs of possession (RFC 9449): a client that asks for a token proves that it has the key to bind the token
 * to, and proves it again with each use of the token.
 */
@Injectable()
export class DpopProofs {
  private readonly nonces: ProofNonces;
  private readonly keys = new LRUCache<string, ProofKey>({ max: CACHED_KEYS });

  constructor(
    private readonly config: Config,
    private readonly singleUse: SingleUse,
    private readonly clock: Clock,
  ) {
    this.nonces = new ProofNonces(deriveKey(config.secretKey, 'dpop-nonces'));
  }

  /**
   * Checks the proof of a request for tokens, without using it up and without the database; null where there is none.
   * Throws `invalid_dpop_proof`, and `use_dpop_nonce` together with the nonce to use.
   */
  check(request: FastifyRequest): Proof | null {
    const header = request.headers['dpop'];
    if (header === undefined) return null;
    const target = { method: request.method, url: this.ownUrlOf(request), accessToken: null };
    return this.verify(header, target, 400, this.config.dpopNonce !== 'never');
  }

  /**
   * Uses up the proof of a request for tokens, and returns the thumbprint of the key to bind them to; null without a
   * proof. Throws like {@link check}.
   */
  async forTokenRequest(request: FastifyRequest, reply: FastifyReply): Promise<string | null> {
    const proof = this.check(request);
    if (!proof) return null;
    const expiresAt = new Date(this.clock.now() + (Math.max(2 * MAX_AGE, NONCE_LIFE) + SKEW) * 1000);
    const isFirst = await this.singleUse.spend('dpop_proof', markOf(proof), expiresAt);
    if (!isFirst) throw new AppError('invalid_dpop_proof', { detail: 'The proof had been used before.' });
    // RFC 9449 8.2: the client need not come twice next time.
    if (this.config.dpopNonce !== 'never') void reply.header('DPoP-Nonce', this.nonces.at(this.clock.seconds()));
    return proof.thumbprint;
  }

  /** Returns the proofs of requests that bring access tokens to our own API. */
  ownRequests(): ProofOfPossession<FastifyRequest> {
    return this.proofOfPossession((request) => this.ownUrlOf(request));
  }

  /** Returns the proofs of requests that bring access tokens to somewhere else; see {@link ProofOfPossession}. */
  proofOfPossession<R extends TokenBearingRequest>(urlOf: (request: R) => string): ProofOfPossession<R> {
    const needsNonce = this.config.dpopNonce === 'always';
    return new ProofOfPossession(
      (header, target) => this.verify(header, target, 401, needsNonce),
      () => this.clock.seconds(),
      urlOf,
    );
  }

  /** By the configured URL: an attacker who replays a proof elsewhere chooses the Host header too. */
  private ownUrlOf({ originalUrl }: FastifyRequest): string {
    return this.config.publicUrl + originalUrl;
  }

  // RFC 9449: a fault is 400 where a token is asked for (5, 8), and 401 where one is brought (7.1, 9).
  private verify(
    header: string | string[] | undefined,
    target: ProofTarget,
    status: 400 | 401,
    needsNonce: boolean,
  ): Proof {
    const now = this.clock.seconds();
    const proof = this.parseHeader(header, target, status, now);
    const givesNonces = this.config.dpopNonce !== 'never';
    // RFC 9449 4.3 (11), 11.1: who has a nonce of ours has made the proof since, whatever time it states.
    if (givesNonces && proof.nonce !== null && this.nonces.isFresh(proof.nonce, now)) return proof;
    if (needsNonce || (givesNonces && !proof.isTimely))
      throw new AppError('use_dpop_nonce', { status, dpopNonce: this.nonces.at(now) });
    if (!proof.isTimely) throw faultOf(new ProofFault('`iat` is too long ago, or ahead'), status);
    return proof;
  }

  private parseHeader(
    header: string | string[] | undefined,
    target: ProofTarget,
    status: 400 | 401,
    now: number,
  ): Proof {
    try {
      // Node joins several headers by commas, which no proof has.
      if (typeof header !== 'string') throw new ProofFault('one `DPoP` header is expected');
      return readProof(header, target, now, (segment) => this.keyOf(segment));
    } catch (error) {
      if (!(error instanceof ProofFault)) throw error;
      throw faultOf(error, status);
    }
  }

  private keyOf(segment: string): ProofKey {
    let key = this.keys.get(segment);
    if (!key) this.keys.set(segment, (key = keyOfHeader(segment)));
    return key;
  }
}

const faultOf = ({ message }: ProofFault, status: 400 | 401): AppError =>
  new AppError('invalid_dpop_proof', { status, detail: `In the DPoP proof, ${message}.` });
