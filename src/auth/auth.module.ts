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
import { AuthController } from './auth.controller.js';
import { CookiesModule } from './cookies/cookies.module.js';
import { FirstAdminService } from './first-admin.js';
import { CallerAuthentication } from './access/caller-authentication.js';
import { JwtAuthGuard } from './access/jwt-auth.guard.js';
import { JwtStrategy } from './access/jwt.strategy.js';
import { LocalStrategy } from './password/local.strategy.js';
import { PasswordChangeController } from './password/password-change.controller.js';
import { RecentSignInCheck } from './access/recent-sign-in.js';
import { RouteRequirements } from './access/route-requirements.js';
import { TokenAcceptance } from './access/token-acceptance.js';
import { ClientsModule } from '../clients/clients.module.js';
import { SessionTokensController } from './session-tokens.controller.js';
import { SignInCompletion } from './sign-in-completion.js';
import { SignInModule } from './sign-in/sign-in.module.js';
import { SignOutService } from './sign-out.service.js';

@Module({
  imports: [
    PassportModule,
    ClientsModule,
    UsersModule,
    PasswordsModule,
    SessionsModule,
    CookiesModule,
    SignInModule,
    TokensModule,
    RevocationModule,
  ],
  controllers: [AuthController, SessionTokensController, PasswordChangeController, AccountsController],
  providers: [
    LocalStrategy,
    JwtStrategy,
    JwtAuthGuard,
    CallerAuthentication,
    TokenAcceptance,
    RouteRequirements,
    { provide: APP_GUARD, useClass: AccessGuard },
    SignInCompletion,
    SignOutService,
    AccountsService,
    RecentSignInCheck,
    FirstAdminService,
  ],
  exports: [AccountsService, SignInCompletion, SignInModule, LocalStrategy],
})
export class AuthModule {}
