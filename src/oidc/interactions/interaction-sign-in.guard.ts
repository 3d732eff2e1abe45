import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { SessionCookies } from '../../auth/cookies/session-cookies.js';
import { validateBody } from '../../common/validation.js';
import { hangUpOf } from '../../platform/http/request/hang-up.js';
import type { InteractionRequest } from './interaction-sign-in.js';
import { InteractionSignInDto } from './interactions.dto.js';
import { Interactions } from './interactions.service.js';

/** Validates a sign-in of a front end of the operator, and finds its interaction, before a password is tested. */
@Injectable()
export class InteractionSignInGuard implements CanActivate {
  constructor(
    private readonly cookies: SessionCookies,
    private readonly interactions: Interactions,
  ) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const http = context.switchToHttp();
    const request = http.getRequest<InteractionRequest>();
    request.hangUp = hangUpOf(request, http.getResponse<FastifyReply>());
    this.cookies.refuseCrossSite(request);
    request.credentials = { ...(await validateBody(InteractionSignInDto, request.body)), transport: 'cookie' };
    request.interaction = await this.interactions.find((request.params as { id: string }).id, request);
    return true;
  }
}
