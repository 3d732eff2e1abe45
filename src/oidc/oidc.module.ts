import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthModule } from '../auth/auth.module.js';
import { CookiesModule } from '../auth/cookies/cookies.module.js';
import { SignInModule } from '../auth/sign-in/sign-in.module.js';
import { ClientsModule } from '../clients/clients.module.js';
import { OAuthModule } from '../oauth/oauth.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { RevocationModule } from '../revocation/revocation.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { UsersModule } from '../users/users.module.js';
import { AuthorizationCodeIssuer } from './authorization/authorization-code-issuer.js';
import { AuthorizationEndpoint } from './authorization/authorization-endpoint.js';
import { Authorizations } from './authorization/authorizations.service.js';
import { BrowserSessions } from './authorization/browser-sessions.js';
import { Consent } from './consents/consent.entity.js';
import { ConsentsController } from './consents/consents.controller.js';
import { Consents } from './consents/consents.service.js';
import { BrowserBinding } from './interactions/browser-binding.js';
import { InteractionForms } from './interactions/interaction-forms.js';
import { InteractionSignIn } from './interactions/interaction-sign-in.js';
import { InteractionSignInGuard } from './interactions/interaction-sign-in.guard.js';
import { InteractionsController } from './interactions/interactions.controller.js';
import { Interactions } from './interactions/interactions.service.js';
import { BackchannelLogout } from './logout/backchannel-logout.js';
import { EndSession } from './logout/end-session.service.js';
import { LogoutTokens } from './logout/logout-tokens.js';
import { UserinfoController } from './userinfo/userinfo.controller.js';

/** Countersign as an OpenID provider. Its pages are in the folder `pages`. */
@Module({
  imports: [
    TypeOrmModule.forFeature([Consent]),
    AuthModule,
    CookiesModule,
    SignInModule,
    ClientsModule,
    KeysModule,
    OAuthModule,
    PasswordsModule,
    RevocationModule,
    SessionsModule,
    TokensModule,
    UsersModule,
  ],
  controllers: [ConsentsController, InteractionsController, UserinfoController],
  providers: [
    AuthorizationCodeIssuer,
    AuthorizationEndpoint,
    Authorizations,
    BrowserBinding,
    BrowserSessions,
    BackchannelLogout,
    Consents,
    EndSession,
    LogoutTokens,
    InteractionForms,
    InteractionSignIn,
    InteractionSignInGuard,
    Interactions,
  ],
  exports: [
    AuthorizationEndpoint,
    Authorizations,
    BrowserSessions,
    EndSession,
    InteractionForms,
    InteractionSignIn,
    Interactions,
  ],
})
export class OidcModule {}
