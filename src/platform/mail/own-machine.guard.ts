import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../common/errors.js';
import { reasonOf } from '../../common/refusal-reason.js';

// A listener for both families sees IPv4 addresses in their IPv6 form.
const LOOPBACK_PEER = /^(::1|(::ffff:)?127(\.\d+){3})$/;
const FORWARDING = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

/**
 * Admits requests of the machine itself. A name in `Host` that is not of loopback comes from a proxy, or from a page whose
 * name was made to lead here (DNS rebinding), and `Origin` from a page that CORS would let read the answer.
 */
@Injectable()
export class OwnMachineGuard implements CanActivate {
  canActivate(context: ExecutionContext): true {
    const { headers, socket } = context.switchToHttp().getRequest<FastifyRequest>();
    const { host = '', origin } = headers;
    if (!LOOPBACK_PEER.test(socket.remoteAddress ?? '')) throw refused('peer', socket.remoteAddress);
    if (!isLoopback(`http://${host}`)) throw refused('Host', host);
    if (origin !== undefined && !isLoopback(origin)) throw refused('Origin', origin);
    const forwarding = FORWARDING.find((name) => headers[name] !== undefined);
    if (forwarding !== undefined) throw refused(forwarding, headers[forwarding]);
    return true;
  }
}

function isLoopback(url: string): boolean {
  const name = URL.parse(url)?.hostname ?? '';
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(name);
}

const refused = (name: string, found: unknown): AppError =>
  new AppError('not_found', { reason: reasonOf(name, 'this machine', found) });
