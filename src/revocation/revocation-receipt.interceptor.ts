import {
  applyDecorators,
  Injectable,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { lastValueFrom, of, type Observable } from 'rxjs';
import { invalidField } from '../common/errors.js';
import { changeContextOf } from '../platform/context/cause.decorator.js';
import { AnswerLimit } from '../platform/http/answer-limit.js';
import { RevocationLog } from './revocation-log.js';
import { RevocationReaders } from './revocation-readers.js';
import { RevocationService } from './revocation.service.js';

/**
 * The longest wait of an answer for all instances, and the time before its own limit at which it is sent, in
 * milliseconds.
 */
const WAIT_MS = 2_000;
const RESERVE_MS = 200;

/**
 * Adds the number of the revocation to the answer (`Revocation-Seq`), with `?wait=applied` after all instances know it.
 */
@Injectable()
export class RevocationReceiptInterceptor implements NestInterceptor {
  constructor(
    private readonly revocations: RevocationService,
    private readonly log: RevocationLog,
    private readonly readers: RevocationReaders,
    private readonly limit: AnswerLimit,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler<unknown>): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { wait } = request.query as { wait?: unknown };
    if (wait !== undefined && wait !== 'applied') {
      throw invalidField('wait', 'choice', 'wait must be applied');
    }
    const answer = await lastValueFrom(next.handle(), { defaultValue: undefined });
    const { revocationSeq: revoked } = changeContextOf(request);
    // Nothing was left to revoke. An earlier call whose answer was lost has a number up to the head of the log.
    const seq = revoked ?? (wait ? await this.log.head() : this.revocations.applied);
    const reply = context.switchToHttp().getResponse<FastifyReply>().header('Revocation-Seq', seq);
    if (wait) {
      const patience = Math.min(WAIT_MS, this.limit.remaining(reply) - RESERVE_MS);
      const applied = await this.readers.haveApplied(seq, patience);
      reply.header('Revocation-Status', applied ? 'applied' : 'pending');
    }
    return of(answer);
  }
}

/** Marks a route that revokes. */
export const Revokes = () =>
  applyDecorators(
    UseInterceptors(RevocationReceiptInterceptor),
    ApiQuery({
      name: 'wait',
      required: false,
      enum: ['applied'],
      description: 'Answer when all instances refuse what was revoked, or after 2 s at the latest.',
    }),
  );
