import { Injectable, type ExecutionContext } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyReply } from 'fastify';
import { canonicalEmail } from '../../common/email.js';
import { AppError } from '../../common/errors.js';
import { PasswordSignIn } from '../../passwords/password-sign-in.js';
import { changeContextOf } from '../../platform/context/cause.decorator.js';
import { clientAddressOf } from '../../platform/http/request/client-address.js';
import { DpopProofs } from '../../tokens/dpop/dpop-proofs.js';
import { askingStrategy } from '../access/own-strategy.js';
import { RecordedAttempts } from '../sign-in/recorded-attempts.js';
import { KnownDevices } from '../sign-in/known-device.js';
import { LocalStrategy } from './local.strategy.js';
import type { LoginRequest } from './login-request.js';

/** Counts a validated login, and only then lets the {@link LocalStrategy} hash. */
@Injectable()
export class LocalAuthGuard extends AuthGuard() {
  constructor(
    private readonly attempts: RecordedAttempts,
    private readonly devices: KnownDevices,
    private readonly passwords: PasswordSignIn,
    private readonly proofs: DpopProofs,
    strategy: LocalStrategy,
  ) {
    super(askingStrategy(strategy));
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<LoginRequest>();
    const reply = http.getResponse<FastifyReply>();
    const account = canonicalEmail(request.credentials.email)!;
    await this.recogniseDevice(request, account);
    const attempt = { account, address: clientAddressOf(request), knownDevice: request.knownDevice?.id ?? null };
    const check = async () => {
      await super.canActivate(context);
      // The proof is used up before the failures are forgotten, because one that was used before is refused, too.
      request.keyThumbprint = await this.proofs.forTokenRequest(request, reply);
    };
    await this.attempts.login(attempt, check, reply, changeContextOf(request));
    return true;
  }

  override handleRequest<U>(error: unknown, user: U): U {
    if (error) throw error;
    if (!user) throw new AppError('invalid_credentials');
    return user;
  }

  /** Sets the device of a request. A device of a former owner of the address does not count. */
  private async recogniseDevice(request: LoginRequest, account: string): Promise<void> {
    const device = this.devices.recognise(request, account);
    // The only query of a login before its count, and only with a cookie that this service has issued.
    request.credential = device && (await this.passwords.find(request.credentials.email));
    request.knownDevice = request.credential?.id === device?.userId ? device : null;
  }
}
