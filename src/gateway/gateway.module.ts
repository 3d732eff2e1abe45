import { Module } from '@nestjs/common';
import { RevocationModule } from '../revocation/revocation.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { VerdictEndpoint } from './verdict.endpoint.js';

@Module({ imports: [TokensModule, RevocationModule], providers: [VerdictEndpoint] })
export class GatewayModule {}
