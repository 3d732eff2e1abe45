import type { FastifyReply, FastifyRequest } from 'fastify';
import { hangUpOf } from '../platform/http/hang-up.js';

const signals = new WeakMap<FastifyRequest, AbortSignal>();

/** Watches for a client that goes away before it has been answered: nobody waits for its hash any more. */
export function watchAbandonment(request: FastifyRequest, reply: FastifyReply): void {
  signals.set(request, hangUpOf(request, reply));
}

export const abandonmentOf = (request: FastifyRequest): AbortSignal | undefined => signals.get(request);
