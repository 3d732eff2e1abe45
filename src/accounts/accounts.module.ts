import { Module } from '@nestjs/common';
import { ApiKeysModule } from '../api-keys/api-keys.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { RevocationModule } from '../revocation/revocation.module.js';
import { UsersModule } from '../users/users.module.js';
import { AccountLimits } from './account-limits.js';
import { AddressRequests } from './address-requests.js';
import { MailProofs } from './mail-proofs.js';
import { MailedValues } from './mailed-values.js';
import { PasswordChangedMail } from './mails/password-changed.mail.js';
import { PasswordRecoveryMail } from './mails/password-recovery.mail.js';
import { Notices } from './notices.js';
import { PasswordRecoveryController } from './recovery/password-recovery.controller.js';
import { PasswordResetService } from './recovery/password-reset.service.js';
import { ProvedAccounts } from './recovery/proved-accounts.js';
import { RecoveryMailsService } from './recovery/recovery-mails.service.js';

/** The life of an account, as far as it is proved by mail. */
@Module({
  imports: [UsersModule, PasswordsModule, ApiKeysModule, RevocationModule],
  controllers: [PasswordRecoveryController],
  providers: [
    AccountLimits,
    AddressRequests,
    MailProofs,
    MailedValues,
    Notices,
    ProvedAccounts,
    PasswordResetService,
    RecoveryMailsService,
    PasswordRecoveryMail,
    PasswordChangedMail,
  ],
})
export class AccountsModule {}
