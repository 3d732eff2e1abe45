import type { FastifyReply, FastifyRequest } from 'fastify';

/** A signal that aborts when the client goes away before it has its whole answer; at once where it has gone already. */
export function hangUpOf(request: FastifyRequest, reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  if (request.raw.socket.destroyed) controller.abort();
  return controller.signal;
}
