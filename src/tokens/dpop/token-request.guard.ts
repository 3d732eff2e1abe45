import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DpopProofs } from './dpop-proofs.js';

/**
 * Refuses a request for tokens with a faulty proof, before it counts as an attempt or costs a hash: a client that has
 * no nonce yet sends its request twice. Does not use the proof up.
 */
@Injectable()
export class TokenRequestGuard implements CanActivate {
  constructor(private readonly proofs: DpopProofs) {}

  canActivate(context: ExecutionContext): boolean {
    this.proofs.check(context.switchToHttp().getRequest<FastifyRequest>());
    return true;
  }
}
