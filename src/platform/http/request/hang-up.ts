import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Returns a signal that aborts when the client closes the connection before the whole answer is sent; at once where it
 * is closed already.
 */
export function hangUpOf(request: FastifyRequest, reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  if (request.raw.socket.destroyed) controller.abort();
  return controller.signal;
}
