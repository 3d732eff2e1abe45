import {
  applyDecorators,
  Injectable,
  SetMetadata,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { lastValueFrom, of, type Observable } from 'rxjs';
import type { AuditEventName } from '../common/audit-events.js';
import { changeContextOf } from '../platform/context/cause.decorator.js';
import { AuditLog } from './audit-log.js';

const READ = Symbol('audited read');

/** Parameters that do not narrow the result. */
const PAGING = new Set(['cursor', 'limit']);

/** Records a read before it is answered. A read that cannot be recorded is refused. */
@Injectable()
export class AuditedReadInterceptor implements NestInterceptor {
  constructor(
    private readonly log: AuditLog,
    private readonly reflector: Reflector,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler<unknown>): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const answer = await lastValueFrom(next.handle(), { defaultValue: undefined });
    const event = this.reflector.get<AuditEventName>(READ, context.getHandler());
    const { id } = request.params as { id?: string };
    const filters = Object.keys(request.query as object).filter((name) => !PAGING.has(name));
    const about = id === undefined ? { subject: null, details: { filters } } : { subject: id };
    await this.log.record({ event, ...about }, changeContextOf(request));
    return of(answer);
  }
}

/** Marks a route that shows data of others. Its parameter `id` is the subject. */
export const AuditedRead = (event: AuditEventName) =>
  applyDecorators(SetMetadata(READ, event), UseInterceptors(AuditedReadInterceptor));
