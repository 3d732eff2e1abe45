import { createParamDecorator, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { PresentedTokens } from '../../clients/presented-tokens.js';
import { AppError } from '../../common/errors.js';
import { isService } from '../../common/principal.js';
import { reasonOf } from '../../common/refusal-reason.js';
import { SCOPES } from '../../common/scopes.js';
import { bearerTokenOf } from '../../tokens/bearer.js';
import { DeliveryService, looksLikePollSecret } from '../delivery/delivery.service.js';
import type { SignalStream } from '../streams/stream.entity.js';
import { StreamsService } from '../streams/streams.service.js';

type PollRequest = FastifyRequest<{ Params: { id: string } }> & { stream?: SignalStream };

const SUFFICIENT: readonly string[] = [SCOPES.readSignals, SCOPES.manageSignals];

/** Admits the receiver that polls a stream, before the body is validated. */
@Injectable()
export class PollAccessGuard implements CanActivate {
  constructor(
    private readonly streams: StreamsService,
    private readonly deliveries: DeliveryService,
    private readonly tokens: PresentedTokens,
  ) {}

  /**
   * Admits the secret of the stream, or an access token of the service account that owns it. Throws the errors of the
   * token, `not_found` for a stream of another owner, and `token_invalid` for a wrong secret, the same for every
   * stream.
   */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<PollRequest>();
    const secret = bearerTokenOf(request);
    const { id } = request.params;
    request.stream =
      secret !== null && looksLikePollSecret(secret)
        ? await this.bySecret(secret, id)
        : await this.byToken(request, id);
    return true;
  }

  private async bySecret(secret: string, id: string): Promise<SignalStream> {
    const stream = await this.streams.get(id, null).catch((cause: unknown) => {
      throw cause instanceof AppError ? new AppError('token_invalid', { cause, reason: 'stream: unknown' }) : cause;
    });
    if (!this.deliveries.isPollSecret(secret, stream)) {
      throw new AppError('token_invalid', { reason: 'secret: not that of the stream' });
    }
    return stream;
  }

  private async byToken(request: PollRequest, id: string): Promise<SignalStream> {
    const principal = await this.tokens.principalOf(request);
    if (!isService(principal) || !principal.scopes.some((scope) => SUFFICIENT.includes(scope))) {
      const reason = reasonOf('scope', SUFFICIENT, principal.scopes);
      throw new AppError('forbidden', { reason, scopes: [SCOPES.readSignals] });
    }
    const stream = await this.streams.get(id, principal.client);
    if (stream.method !== 'poll') throw new AppError('not_found');
    return stream;
  }
}

/** Injects the stream that the guard has admitted the caller to. */
export const OpenedStream = createParamDecorator((_: unknown, context: ExecutionContext): SignalStream => {
  const { stream } = context.switchToHttp().getRequest<PollRequest>();
  if (!stream) throw new Error('OpenedStream is used on a route without PollAccessGuard');
  return stream;
});
