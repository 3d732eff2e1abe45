import { AsyncLocalStorage } from 'node:async_hooks';
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
import { AppError } from '../common/errors.js';
import { RevocationLog } from './revocation-log.js';
import { RevocationReaders } from './revocation-readers.js';

/** How long an answer waits for all instances at most. */
const WAIT_MS = 2_000;

interface Receipt {
  seq: number | null;
}

const receipts = new AsyncLocalStorage<Receipt>();

/** Notes for the answer of the request under way, if it asked for a receipt, that it revoked up to number `seq`. */
export function noteRevocation(seq: number): void {
  const receipt = receipts.getStore();
  if (receipt) receipt.seq = seq;
}

/** Answers with the number of the revocation (`Revocation-Seq`), with `?wait=applied` after all instances know it. */
@Injectable()
export class RevocationReceipt implements NestInterceptor {
  constructor(
    private readonly log: RevocationLog,
    private readonly readers: RevocationReaders,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler<unknown>): Promise<Observable<unknown>> {
    const { wait } = context.switchToHttp().getRequest<FastifyRequest<{ Querystring: { wait?: unknown } }>>().query;
    if (wait !== undefined && wait !== 'applied') {
      throw new AppError('invalid_request', {
        errors: [{ field: 'wait', code: 'choice', message: 'wait must be applied' }],
      });
    }
    const receipt: Receipt = { seq: null };
    const answer = await receipts.run(receipt, () => lastValueFrom(next.handle(), { defaultValue: undefined }));
    // What had been revoked before, by a call whose answer was lost perhaps, is known up to the head of the log.
    const seq = receipt.seq ?? (await this.log.head());
    const reply = context.switchToHttp().getResponse<FastifyReply>().header('Revocation-Seq', seq);
    if (wait) {
      const applied = await this.readers.haveApplied(seq, WAIT_MS);
      reply.header('Revocation-Status', applied ? 'applied' : 'pending');
    }
    return of(answer);
  }
}

/** A route that revokes. */
export const Revokes = () =>
  applyDecorators(
    UseInterceptors(RevocationReceipt),
    ApiQuery({
      name: 'wait',
      required: false,
      enum: ['applied'],
      description: 'Answer when all instances refuse what was revoked, or after 2 s at the latest.',
    }),
  );
