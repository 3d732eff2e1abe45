import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RevocationModule } from '../revocation/revocation.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { ClientChanges } from './client-changes.js';
import { ClientDirectory } from './client-directory.js';
import { ClientSecret } from './client-secret.entity.js';
import { Client } from './client.entity.js';
import { ClientsController } from './clients.controller.js';
import { ClientsService } from './clients.service.js';
import { PresentedTokens } from './presented-tokens.js';
import { IssuerDiscovery } from './workload-identities/issuer-discovery.js';
import { WorkloadIdentitiesController } from './workload-identities/workload-identities.controller.js';
import { WorkloadIdentitiesService } from './workload-identities/workload-identities.service.js';
import { WorkloadIdentity } from './workload-identities/workload-identity.entity.js';

@Module({
  imports: [TypeOrmModule.forFeature([Client, ClientSecret, WorkloadIdentity]), RevocationModule, TokensModule],
  controllers: [ClientsController, WorkloadIdentitiesController],
  providers: [
    ClientDirectory,
    ClientChanges,
    ClientsService,
    IssuerDiscovery,
    WorkloadIdentitiesService,
    PresentedTokens,
  ],
  exports: [ClientDirectory, ClientsService, PresentedTokens, WorkloadIdentitiesService],
})
export class ClientsModule {}
