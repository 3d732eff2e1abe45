import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RevocationModule } from '../revocation/revocation.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { UsersModule } from '../users/users.module.js';
import { BulkRevocationController } from './bulk-revocation/bulk-revocation.controller.js';
import { BulkRevocationService } from './bulk-revocation/bulk-revocation.service.js';
import { RefreshLimits } from './refresh/refresh-limits.js';
import { RefreshService } from './refresh/refresh.service.js';
import { SessionLifecycle } from './session-lifecycle.js';
import { SessionTermination } from './session-termination.js';
import { SessionTokens } from './session-tokens.js';
import { Session } from './session.entity.js';
import { SessionsController, UserSessionsController } from './sessions.controller.js';
import { SessionsService } from './sessions.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Session]), RevocationModule, TokensModule, UsersModule],
  controllers: [SessionsController, UserSessionsController, BulkRevocationController],
  providers: [
    SessionsService,
    SessionTermination,
    SessionTokens,
    RefreshService,
    RefreshLimits,
    SessionLifecycle,
    BulkRevocationService,
  ],
  exports: [SessionsService, SessionTermination, SessionTokens, RefreshService, RefreshLimits],
})
export class SessionsModule {}
