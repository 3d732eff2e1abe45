import type { FastifyReply, FastifyRequest } from 'fastify';

const signals = new WeakMap<FastifyRequest, AbortSignal>();

/** Watches for a client that goes away before it has been answered: nobody waits for its hash any more. */
export function watchAbandonment(request: FastifyRequest, reply: FastifyReply): void {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  if (request.raw.socket.destroyed) controller.abort();
  signals.set(request, controller.signal);
}

export const abandonmentOf = (request: FastifyRequest): AbortSignal | undefined => signals.get(request);
