import { Module } from '@nestjs/common';
import { RevocationModule } from '../revocation/revocation.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { UsersModule } from '../users/users.module.js';
import { ImpersonationTokens } from './impersonation-tokens.js';
import { ImpersonationController } from './impersonation.controller.js';
import { ImpersonationService } from './impersonation.service.js';

/** What support staff do for users. */
@Module({
  imports: [RevocationModule, SessionsModule, TokensModule, UsersModule],
  controllers: [ImpersonationController],
  providers: [ImpersonationService, ImpersonationTokens],
})
export class AdministrationModule {}
