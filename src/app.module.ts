// Imported first, because decorators of controllers read the errors.
import './errors.js';
import './settings.js';
import './audit-events.js';
import { Module, type DynamicModule } from '@nestjs/common';
import { AccountsModule } from './accounts/accounts.module.js';
import { AdministrationModule } from './administration/administration.module.js';
import { ApiKeysModule } from './api-keys/api-keys.module.js';
import { AuditModule } from './audit/audit.module.js';
import { AuthModule } from './auth/auth.module.js';
import { ClientsModule } from './clients/clients.module.js';
import { GatewayModule } from './gateway/gateway.module.js';
import { HealthModule } from './health/health.module.js';
import { JoseModule } from './jose/jose.module.js';
import { KeysModule } from './keys/keys.module.js';
import { MfaModule } from './mfa/mfa.module.js';
import { OAuthModule } from './oauth/oauth.module.js';
import { OidcModule } from './oidc/oidc.module.js';
import { PagesModule } from './pages/pages.module.js';
import { PasswordsModule } from './passwords/passwords.module.js';
import type { Config } from './platform/config/config.js';
import { ConfigModule } from './platform/config/config.module.js';
import { DatabaseModule } from './platform/database/database.module.js';
import { EventsModule } from './platform/events/events.module.js';
import { HttpClientModule } from './platform/http-client/http-client.module.js';
import { HttpModule } from './platform/http/http.module.js';
import { JobsModule } from './platform/jobs/jobs.module.js';
import { MailModule } from './platform/mail/mail.module.js';
import { OneTimeModule } from './platform/one-time/one-time.module.js';
import { OutboxModule } from './platform/outbox/outbox.module.js';
import { RateLimitModule } from './platform/rate-limit/rate-limit.module.js';
import { TelemetryModule } from './platform/telemetry/telemetry.module.js';
import { RevocationModule } from './revocation/revocation.module.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { SharedSignalsModule } from './shared-signals/shared-signals.module.js';
import { TokensModule } from './tokens/tokens.module.js';
import { UsersModule } from './users/users.module.js';

/** The composition root: the only list of all features, in the order of their ranks. */
@Module({})
export class AppModule {
  static forRoot(config: Config): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        TelemetryModule,
        DatabaseModule,
        EventsModule,
        JobsModule,
        OneTimeModule,
        OutboxModule,
        RateLimitModule,
        MailModule.forRoot(config),
        HttpModule,
        HttpClientModule,
        JoseModule,
        KeysModule,
        TokensModule,
        AuditModule,
        RevocationModule,
        UsersModule,
        SessionsModule,
        ClientsModule,
        ApiKeysModule,
        PasswordsModule,
        OAuthModule,
        SharedSignalsModule,
        AuthModule,
        AccountsModule,
        MfaModule,
        AdministrationModule,
        OidcModule,
        GatewayModule,
        PagesModule,
        HealthModule,
      ],
    };
  }
}
