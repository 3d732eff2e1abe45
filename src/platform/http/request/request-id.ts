import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const INBOUND = /^[\w-]{8,64}$/;

const instance = randomBytes(4).toString('base64url');
let requests = 0;

/**
 * Returns the caller's id where its form is valid, so that one id follows a request through several services; else a
 * new one.
 */
export function requestId(request: Pick<IncomingMessage, 'headers'>): string {
  const inbound = request.headers['x-request-id'];
  if (typeof inbound === 'string' && INBOUND.test(inbound)) return inbound;
  return `${instance}-${(++requests).toString(36)}`;
}
