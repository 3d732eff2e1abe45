import { Module } from '@nestjs/common';
import { JwtModule, JwtSecretRequestType } from '@nestjs/jwt';
import { KeyRing } from '../keys/key-ring.js';
import { KeysModule } from '../keys/keys.module.js';
import { AccessTokens } from './access-tokens.js';
import { DpopProofs } from './dpop/dpop-proofs.js';
import { encodedHeaderOf } from '../jose/form-gate.js';
import { TradedTokens } from './traded-tokens.js';
import { VERIFY_OPTIONS } from './verify-options.js';

@Module({
  imports: [
    KeysModule,
    JwtModule.registerAsync({
      imports: [KeysModule],
      inject: [KeyRing],
      useFactory: (ring: KeyRing) => ({
        verifyOptions: VERIFY_OPTIONS,
        secretOrKeyProvider: (type, token) => {
          if (type === JwtSecretRequestType.SIGN) return ring.signer.signingKey;
          const key = ring.byEncodedHeader((typeof token === 'string' && encodedHeaderOf(token)) || '');
          if (!key) throw new Error('no key mints such a header');
          return key.verificationKey;
        },
      }),
    }),
  ],
  providers: [AccessTokens, TradedTokens, DpopProofs],
  exports: [AccessTokens, TradedTokens, DpopProofs],
})
export class TokensModule {}
