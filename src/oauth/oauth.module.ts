import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { RemoteKeySets } from './assertions/remote-key-sets.js';
import { ClientAuthentication } from './client-authentication/client-authentication.js';
import { ClientProofs } from './client-authentication/client-proofs.js';
import { TlsCertificates } from './client-authentication/tls-certificates.js';
import { ClientTokens } from './client-tokens.js';
import type { Grant } from './grant.js';
import { ClientCredentialsGrant } from './grants/client-credentials.grant.js';
import { GRANTS, TokenController } from './token.controller.js';

const GRANT_CLASSES = [ClientCredentialsGrant];

@Module({
  imports: [ClientsModule, TokensModule],
  controllers: [TokenController],
  providers: [
    RemoteKeySets,
    TlsCertificates,
    ClientProofs,
    ClientAuthentication,
    ClientTokens,
    ...GRANT_CLASSES,
    { provide: GRANTS, inject: GRANT_CLASSES, useFactory: (...grants: Grant[]) => grants },
  ],
})
export class OAuthModule {}
