import { Injectable, type ExecutionContext } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyReply } from 'fastify';
import { canonicalEmail } from '../../common/email.js';
import { AppError, invalidField } from '../../common/errors.js';
import { validateBody } from '../../common/validation.js';
import { AttemptLimits } from '../sign-in/attempt-limits.js';
import { LoginDto } from '../auth.dto.js';
import { KnownDevices, type KnownDevice } from '../sign-in/known-device.js';
import type { LoginRequest } from './login-request.js';
import { LocalStrategy } from './local.strategy.js';
import { OtherUser } from '../../passwords/password-sign-in.js';
import { askingStrategy } from '../access/own-strategy.js';
import { clientAddressOf } from '../../platform/http/client-address.js';
import { hangUpOf } from '../../platform/http/hang-up.js';
import { SessionCookies } from '../cookies/session-cookies.js';
import { DpopProofs } from '../../tokens/dpop/dpop-proofs.js';

/** Validates a login, counts it, and only then lets the LocalStrategy hash. */
@Injectable()
export class LocalAuthGuard extends AuthGuard() {
  constructor(
    private readonly limits: AttemptLimits,
    private readonly devices: KnownDevices,
    private readonly cookies: SessionCookies,
    private readonly proofs: DpopProofs,
    strategy: LocalStrategy,
  ) {
    super(askingStrategy(strategy));
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<LoginRequest>();
    const reply = http.getResponse<FastifyReply>();
    request.hangUp = hangUpOf(request, reply);
    request.credentials = await validateBody(LoginDto, request.body);
    const { email, transport } = request.credentials;
    if (transport === 'cookie') {
      // Nobody is to be signed in to another account than they think (login CSRF).
      this.cookies.refuseCrossSite(request);
      if (request.headers.dpop !== undefined) throw cookieAndKey();
    }
    const account = canonicalEmail(email)!;
    const address = clientAddressOf(request);
    const check = async () => {
      await super.canActivate(context);
      // Before the failures are forgotten: a proof that was used before is refused, too.
      request.keyThumbprint = await this.proofs.forTokenRequest(request, reply);
    };
    const attempt = (device: KnownDevice | null) => {
      request.knownDevice = device;
      return this.limits.login({ account, address, knownDevice: device?.id ?? null }, check, reply);
    };
    try {
      await attempt(this.devices.recognise(request, account));
    } catch (error) {
      if (!(error instanceof OtherUser)) throw error;
      // The address has got another owner since: for that one this is any device.
      await attempt(null);
    }
    return true;
  }

  override handleRequest<U>(error: unknown, user: U): U {
    if (error) throw error;
    if (!user) throw new AppError('invalid_credentials');
    return user;
  }
}

const cookieAndKey = (): AppError =>
  invalidField(
    'transport',
    'exclusive',
    'transport must be token where the request carries a DPoP proof: a cookie is bound to no key',
  );
