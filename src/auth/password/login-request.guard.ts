import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { invalidField } from '../../common/errors.js';
import { validateBody } from '../../common/validation.js';
import { hangUpOf } from '../../platform/http/request/hang-up.js';
import { LoginDto } from '../auth.dto.js';
import { SessionCookies } from '../cookies/session-cookies.js';
import type { LoginRequest } from './login-request.js';

/** Validates a login, and refuses one that another site sends in the name of its user. */
@Injectable()
export class LoginRequestGuard implements CanActivate {
  constructor(private readonly cookies: SessionCookies) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const http = context.switchToHttp();
    const request = http.getRequest<LoginRequest>();
    request.hangUp = hangUpOf(request, http.getResponse<FastifyReply>());
    request.credentials = await validateBody(LoginDto, request.body);
    if (request.credentials.transport === 'cookie') {
      // Prevents that a user is signed in to another account without noticing (login CSRF).
      this.cookies.refuseCrossSite(request);
      if (request.headers.dpop !== undefined) throw cookieAndKey();
    }
    return true;
  }
}

const cookieAndKey = () =>
  invalidField(
    'transport',
    'exclusive',
    'transport must be token where the request carries a DPoP proof: a cookie is bound to no key',
  );
