import { Module } from '@nestjs/common';
import { RevocationModule } from '../revocation/revocation.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { Judge } from './judge.js';
import { VerdictEndpoint } from './verdict.endpoint.js';

@Module({ imports: [TokensModule, RevocationModule, SessionsModule], providers: [Judge, VerdictEndpoint] })
export class GatewayModule {}
