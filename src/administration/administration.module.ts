import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { RevocationModule } from '../revocation/revocation.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { UsersModule } from '../users/users.module.js';
import { ImpersonationTokens } from './impersonation-tokens.js';
import { ImpersonationController } from './impersonation.controller.js';
import { ImpersonationService } from './impersonation.service.js';
import { LimitsController } from './limits.controller.js';
import { LimitsService } from './limits.service.js';
import { SignInStateController } from './sign-in-state.controller.js';

/** The actions of support staff for users. */
@Module({
  imports: [AuditModule, PasswordsModule, RevocationModule, SessionsModule, TokensModule, UsersModule],
  controllers: [ImpersonationController, LimitsController, SignInStateController],
  providers: [ImpersonationService, ImpersonationTokens, LimitsService],
})
export class AdministrationModule {}
