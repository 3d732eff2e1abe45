import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { KeyRing } from '../keys/key-ring.js';
import { KeysModule } from '../keys/keys.module.js';
import { AccessTokens } from './access-tokens.js';
import { encodedHeaderOf } from './form-gate.js';
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
        secretOrKeyProvider: (_, token) => {
          const key = ring.byEncodedHeader((typeof token === 'string' && encodedHeaderOf(token)) || '');
          if (!key) throw new Error('no key mints such a header');
          return key.verificationKey;
        },
      }),
    }),
  ],
  providers: [AccessTokens, TradedTokens],
  exports: [AccessTokens, TradedTokens],
})
export class TokensModule {}
