import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ClientsModule } from '../clients/clients.module.js';
import { RevocationModule } from '../revocation/revocation.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { UsersModule } from '../users/users.module.js';
import { ClientKeysController, UserKeysController } from './api-key-administration.controller.js';
import { ApiKeyCodec } from './api-key-codec.js';
import { ApiKeyRevocations } from './api-key-revocations.js';
import { ApiKeyTokens } from './api-key-tokens.js';
import { ApiKeyExchange } from './api-key-exchange.js';
import { ApiKey } from './api-key.entity.js';
import { ApiKeysService } from './api-keys.service.js';
import { LastUse } from './last-use.js';
import { PersonalTokensController } from './personal-tokens.controller.js';

@Module({
  imports: [TypeOrmModule.forFeature([ApiKey]), TokensModule, RevocationModule, UsersModule, ClientsModule],
  controllers: [PersonalTokensController, ClientKeysController, UserKeysController],
  providers: [ApiKeyCodec, ApiKeysService, ApiKeyRevocations, ApiKeyTokens, ApiKeyExchange, LastUse],
  exports: [ApiKeyExchange, ApiKeyRevocations],
})
export class ApiKeysModule {}
