import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { KeysModule } from '../keys/keys.module.js';
import { AccessTokens } from './access-tokens.js';
import { DpopProofs } from './dpop/dpop-proofs.js';
import { ExchangedTokens } from './exchanged-tokens.js';
import { IdTokens } from './id-tokens.js';

@Module({
  // Each signature names its key, since keys rotate.
  imports: [KeysModule, JwtModule.register({})],
  providers: [AccessTokens, ExchangedTokens, DpopProofs, IdTokens],
  exports: [AccessTokens, ExchangedTokens, DpopProofs, IdTokens],
})
export class TokensModule {}
