import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { RevocationModule } from '../revocation/revocation.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { UsersModule } from '../users/users.module.js';
import { AccessGuard } from './access.guard.js';
import { AccountsController } from './accounts.controller.js';
import { AccountsService } from './accounts.service.js';
import { AttemptLimits } from './attempt-limits.js';
import { AuthController } from './auth.controller.js';
import { CookiesModule } from './cookies/cookies.module.js';
import { FirstAdminService } from './first-admin.js';
import { JwtStrategy } from './jwt.strategy.js';
import { KnownDevices } from './known-device.js';
import { LocalStrategy } from './local.strategy.js';
import { PasswordChangeController } from './password-change.controller.js';
import { RecentSignInCheck } from './recent-sign-in.js';
import { SessionTokensController } from './session-tokens.controller.js';
import { SignInService } from './sign-in.service.js';
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
