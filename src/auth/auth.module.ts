import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { RevocationModule } from '../revocation/revocation.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { UsersModule } from '../users/users.module.js';
import { AccessGuard } from './access/access.guard.js';
import { AccountsController } from './accounts.controller.js';
import { AccountsService } from './accounts.service.js';
import { AttemptLimits } from './sign-in/attempt-limits.js';
import { AuthController } from './auth.controller.js';
import { CookiesModule } from './cookies/cookies.module.js';
import { FirstAdminService } from './first-admin.js';
import { CallerAuthentication } from './access/caller-authentication.js';
import { JwtAuthGuard } from './access/jwt-auth.guard.js';
import { JwtStrategy } from './access/jwt.strategy.js';
import { KnownDevices } from './sign-in/known-device.js';
import { LocalStrategy } from './password/local.strategy.js';
import { PasswordChangeController } from './password/password-change.controller.js';
import { RecentSignInCheck } from './access/recent-sign-in.js';
import { RouteRequirements } from './access/route-requirements.js';
import { SessionTokensController } from './session-tokens.controller.js';
import { SignInService } from './sign-in/sign-in.service.js';
import { SignOutService } from './sign-out.service.js';

@Module({
  imports: [
    PassportModule,
    UsersModule,
    PasswordsModule,
    SessionsModule,
    CookiesModule,
    TokensModule,
    RevocationModule,
  ],
  controllers: [AuthController, SessionTokensController, PasswordChangeController, AccountsController],
  providers: [
    LocalStrategy,
    JwtStrategy,
    JwtAuthGuard,
    CallerAuthentication,
    RouteRequirements,
    { provide: APP_GUARD, useClass: AccessGuard },
    SignInService,
    SignOutService,
    AccountsService,
    AttemptLimits,
    KnownDevices,
    RecentSignInCheck,
    FirstAdminService,
  ],
})
export class AuthModule {}
