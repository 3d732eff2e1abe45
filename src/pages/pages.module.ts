import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { CookiesModule } from '../auth/cookies/cookies.module.js';
import { OidcModule } from '../oidc/oidc.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { PagesController } from './pages.controller.js';
import { AuthorizationController } from './single-sign-on/authorization.controller.js';
import { ConsentPageController } from './single-sign-on/consent.controller.js';
import { EndSessionController, SignOutController } from './single-sign-on/end-session.controller.js';
import { PageErrorFilter } from './single-sign-on/page-error.filter.js';
import { PageSender } from './single-sign-on/page-sender.js';
import { SecondFactorPageController } from './single-sign-on/second-factor.controller.js';
import { SignInPageController } from './single-sign-on/sign-in.controller.js';
import { SignInFilter } from './single-sign-on/sign-in.filter.js';
import { SignInFormGuard } from './single-sign-on/sign-in-form.guard.js';

/** What people look at. */
@Module({
  imports: [AuthModule, CookiesModule, OidcModule, PasswordsModule, TokensModule],
  controllers: [
    PagesController,
    AuthorizationController,
    SignInPageController,
    SecondFactorPageController,
    ConsentPageController,
    EndSessionController,
    SignOutController,
  ],
  providers: [PageErrorFilter, PageSender, SignInFilter, SignInFormGuard],
})
export class PagesModule {}
