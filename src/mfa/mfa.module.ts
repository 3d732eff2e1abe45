import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthModule } from '../auth/auth.module.js';
import { CookiesModule } from '../auth/cookies/cookies.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { UsersModule } from '../users/users.module.js';
import { MfaAdministrationController, MfaController } from './mfa.controller.js';
import { MfaSignInController } from './mfa-sign-in.controller.js';
import { MfaSignIn } from './mfa-sign-in.service.js';
import { SecondFactorMail } from './mails/second-factor.mail.js';
import { SecondFactorNotices } from './mails/second-factor-notices.js';
import { RecoveryCodes } from './recovery-codes/recovery-codes.js';
import { SecondFactorsService } from './second-factors.service.js';
import { TakenBackAccounts } from './taken-back-accounts.js';
import { TotpFactor } from './totp/totp-factor.entity.js';
import { TotpFactors } from './totp/totp-factors.js';

/** Second factors: authenticator apps and recovery codes. */
@Module({
  imports: [TypeOrmModule.forFeature([TotpFactor]), AuthModule, CookiesModule, TokensModule, UsersModule],
  controllers: [MfaController, MfaSignInController, MfaAdministrationController],
  providers: [
    SecondFactorsService,
    TakenBackAccounts,
    MfaSignIn,
    TotpFactors,
    RecoveryCodes,
    SecondFactorMail,
    SecondFactorNotices,
  ],
})
export class MfaModule {}
