import { Module } from '@nestjs/common';
import { KeysModule } from '../keys/keys.module.js';
import { AccessTokens } from './access-tokens.js';
import { DpopProofs } from './dpop/dpop-proofs.js';
import { TradedTokens } from './traded-tokens.js';

@Module({
  imports: [KeysModule],
  providers: [AccessTokens, TradedTokens, DpopProofs],
  exports: [AccessTokens, TradedTokens, DpopProofs],
})
export class TokensModule {}
