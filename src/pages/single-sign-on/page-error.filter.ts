import { Catch, Injectable, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppError } from '../../common/errors.js';
import { reportFailure, toAppError } from '../../platform/http/problems/problem.filter.js';
import { noteRefusal } from '../../platform/http/request/request-log.js';
import { PageSender } from './page-sender.js';
import { errorPage } from './single-sign-on.pages.js';
import { TEXTS } from './single-sign-on.texts.js';

/** Shows an error to a person, instead of a problem to a program. */
@Injectable()
@Catch()
export class PageErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger('Problem');

  constructor(private readonly sender: PageSender) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const error = toAppError(thrown);
    reportFailure(this.logger, error, request.id);
    noteRefusal(request, error);
    void reply.code(error.status);
    if (error.retryAfterSeconds !== undefined) void reply.header('Retry-After', String(error.retryAfterSeconds));
    this.show(error, request, reply);
  }

  protected show(error: AppError, request: FastifyRequest, reply: FastifyReply): void {
    const setting = this.sender.settingOf(request);
    this.sender.send(reply, setting, errorPage(setting, textOf(error, setting.locale), request.id));
  }
}

/** The sign-in cannot go on in this browser. */
const ENDED = new Set(['interaction_invalid', 'form_refused', 'mfa_token_invalid']);

function textOf({ code, status }: AppError, locale: keyof typeof TEXTS): string {
  const texts = TEXTS[locale];
  if (code === 'redirect_uri_unknown' || code === 'invalid_request') return texts.unknown;
  if (ENDED.has(code)) return texts.ended;
  if (code === 'rate_limited') return texts.wait;
  return status === 503 ? texts.unavailable : texts.failed;
}
