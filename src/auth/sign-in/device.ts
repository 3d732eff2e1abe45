import type { FastifyRequest } from 'fastify';
import type { Device } from '../../sessions/new-session.js';
import { clientAddressOf } from '../../platform/http/request/client-address.js';

export const deviceOf = (request: FastifyRequest): Device => ({
  userAgent: request.headers['user-agent'] ?? null,
  address: clientAddressOf(request),
  requestId: request.id,
});
