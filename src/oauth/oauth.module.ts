import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { ClientAuthentication } from './client-authentication/client-authentication.js';
import { ClientTokens } from './client-tokens.js';
import type { Grant } from './grant.js';
import { ClientCredentialsGrant } from './grants/client-credentials.grant.js';
import { GRANTS, TokenController } from './token.controller.js';

const GRANT_CLASSES = [ClientCredentialsGrant];

@Module({
  imports: [ClientsModule, TokensModule],
  controllers: [TokenController],
  providers: [
    ClientAuthentication,
    ClientTokens,
    ...GRANT_CLASSES,
    { provide: GRANTS, inject: GRANT_CLASSES, useFactory: (...grants: Grant[]) => grants },
  ],
})
export class OAuthModule {}
