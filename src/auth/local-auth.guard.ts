import { Injectable, type ExecutionContext } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { canonicalEmail } from '../common/email.js';
import { AppError } from '../common/errors.js';
import { validateBody } from '../common/validation.js';
import { watchAbandonment } from './abandonment.js';
import { AttemptLimits } from './attempt-limits.js';
import { LoginDto } from './auth.dto.js';
import { KnownDevices } from './known-device.js';
import { LocalStrategy } from './local.strategy.js';
import { askingStrategy } from './own-strategy.js';
import { clientAddressOf } from '../platform/http/client-address.js';
import { SessionCookies } from '../sessions/session-cookies.js';

/** Validates a login, counts it, and only then lets the LocalStrategy hash. */
@Injectable()
export class LocalAuthGuard extends AuthGuard() {
  constructor(
    private readonly limits: AttemptLimits,
    private readonly devices: KnownDevices,
    private readonly cookies: SessionCookies,
    strategy: LocalStrategy,
  ) {
    super(askingStrategy(strategy));
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    watchAbandonment(request, reply);
    const { email, transport } = await validateBody(LoginDto, request.body);
    // Nobody is to be signed in to another account than they think (login CSRF).
    if (transport === 'cookie') this.cookies.refuseCrossSite(request);
    const account = canonicalEmail(email)!;
    const attempt = {
      account,
      address: clientAddressOf(request),
      knownDevice: this.devices.recognise(request, account),
    };
    await this.limits.login(attempt, async () => super.canActivate(context), reply);
    if (!attempt.knownDevice) this.devices.remember(reply, account);
    return true;
  }

  override handleRequest<U>(error: unknown, user: U): U {
    if (error) throw error;
    if (!user) throw new AppError('invalid_credentials');
    return user;
  }
}
