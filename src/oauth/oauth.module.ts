import { Module } from '@nestjs/common';
import { ApiKeysModule } from '../api-keys/api-keys.module.js';
import { ClientsModule } from '../clients/clients.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { RevocationModule } from '../revocation/revocation.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { UsersModule } from '../users/users.module.js';
import { JoseModule } from '../jose/jose.module.js';
import { WorkloadAssertions } from './assertions/workload-assertions.js';
import { ClientAuthentication } from './client-authentication/client-authentication.js';
import { ClientProofs } from './client-authentication/client-proofs.js';
import { FirstPartyClient } from './client-authentication/first-party-client.js';
import { TlsCertificates } from './client-authentication/tls-certificates.js';
import { ClientRefreshes } from './client-refreshes.js';
import { ClientTokens } from './client-tokens.js';
import { MetadataController } from './discovery/metadata.controller.js';
import type { Grant } from './grant.js';
import { AuthorizationRequests } from './authorization/authorization-requests.js';
import { CodeRedemptions } from './authorization/code-redemptions.js';
import { PushedRequests } from './authorization/pushed-requests.js';
import { PushedRequestsController } from './authorization/pushed-requests.controller.js';
import { ClientSessionTokens } from './client-session-tokens.js';
import { AuthorizationCodeGrant } from './grants/authorization-code.grant.js';
import { ClientCredentialsGrant } from './grants/client-credentials.grant.js';
import { JwtBearerGrant } from './grants/jwt-bearer.grant.js';
import { RefreshTokenGrant } from './grants/refresh-token.grant.js';
import { TokenExchangeGrant } from './grants/token-exchange.grant.js';
import { IntrospectionCaller } from './introspection/introspection-caller.js';
import { IntrospectionController } from './introspection/introspection.controller.js';
import { Introspection } from './introspection/introspection.service.js';
import { OAuthRevocationController } from './revocation/revocation.controller.js';
import { TokenRevocation } from './revocation/token-revocation.service.js';
import { GRANTS, TokenController } from './token.controller.js';
import { AccessTokenReader } from './token-exchange/access-token.reader.js';
import { ApiKeyReader } from './token-exchange/api-key.reader.js';
import { DelegatedTokens } from './token-exchange/delegated-tokens.js';
import { SUBJECT_TOKEN_READERS, type SubjectTokenReader } from './token-exchange/subject-token.js';

const GRANT_CLASSES = [
  AuthorizationCodeGrant,
  ClientCredentialsGrant,
  RefreshTokenGrant,
  TokenExchangeGrant,
  JwtBearerGrant,
];
const READER_CLASSES = [AccessTokenReader, ApiKeyReader];

@Module({
  imports: [
    JoseModule,
    ClientsModule,
    ApiKeysModule,
    TokensModule,
    UsersModule,
    SessionsModule,
    RevocationModule,
    KeysModule,
  ],
  controllers: [
    TokenController,
    IntrospectionController,
    OAuthRevocationController,
    MetadataController,
    PushedRequestsController,
  ],
  providers: [
    TlsCertificates,
    ClientProofs,
    ClientAuthentication,
    FirstPartyClient,
    ClientTokens,
    WorkloadAssertions,
    IntrospectionCaller,
    Introspection,
    TokenRevocation,
    DelegatedTokens,
    ...READER_CLASSES,
    {
      provide: SUBJECT_TOKEN_READERS,
      inject: READER_CLASSES,
      useFactory: (...readers: SubjectTokenReader[]) => readers,
    },
    ClientRefreshes,
    ClientSessionTokens,
    CodeRedemptions,
    AuthorizationRequests,
    PushedRequests,
    ...GRANT_CLASSES,
    { provide: GRANTS, inject: GRANT_CLASSES, useFactory: (...grants: Grant[]) => grants },
  ],
  exports: [AuthorizationRequests],
})
export class OAuthModule {}
