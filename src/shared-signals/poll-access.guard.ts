import { createParamDecorator, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../common/errors.js';
import { bearerTokenOf } from '../platform/http/bearer.js';
import { DeliveryService } from './delivery.service.js';
import type { SignalStream } from './stream.entity.js';
import { StreamsService } from './streams.service.js';

type PollRequest = FastifyRequest<{ Params: { id: string } }> & { stream?: SignalStream };

/** Opens a stream to the receiver that brings its secret, before anything of the body is judged. */
@Injectable()
export class PollAccessGuard implements CanActivate {
  constructor(
    private readonly streams: StreamsService,
    private readonly deliveries: DeliveryService,
  ) {}

  /** Throws `token_missing`, `token_invalid`, the same for every stream. */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<PollRequest>();
    request.stream = await this.openedBy(bearerTokenOf(request), request.params.id);
    return true;
  }

  private async openedBy(secret: string | null, streamId: string): Promise<SignalStream> {
    if (!secret) throw new AppError('token_missing');
    const stream = await this.streams.get(streamId).catch((cause: unknown) => {
      throw cause instanceof AppError ? new AppError('token_invalid', { cause, reason: 'stream: unknown' }) : cause;
    });
    if (!this.deliveries.isPollSecret(secret, stream)) {
      throw new AppError('token_invalid', { reason: 'secret: not that of the stream' });
    }
    return stream;
  }
}

/** The stream that the caller has opened. */
export const OpenedStream = createParamDecorator((_: unknown, context: ExecutionContext): SignalStream => {
  const { stream } = context.switchToHttp().getRequest<PollRequest>();
  if (!stream) throw new Error('OpenedStream is used on a route without PollAccessGuard');
  return stream;
});
