import { Module } from '@nestjs/common';
import { ApiKeysModule } from '../api-keys/api-keys.module.js';
import { CookiesModule } from '../auth/cookies/cookies.module.js';
import { RevocationModule } from '../revocation/revocation.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { VerdictService } from './verdict.service.js';
import { VerdictEndpoint } from './verdict.endpoint.js';

@Module({
  imports: [TokensModule, RevocationModule, CookiesModule, ApiKeysModule],
  providers: [VerdictService, VerdictEndpoint],
})
export class GatewayModule {}
