import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ApiKeysModule } from '../api-keys/api-keys.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { RevocationModule } from '../revocation/revocation.module.js';
import { UsersModule } from '../users/users.module.js';
import { AccountLimits } from './account-limits.js';
import { AccountMails } from './account-mails.js';
import { AddressRequests } from './address-requests.js';
import { EmailChangeController } from './email-change/email-change.controller.js';
import { EmailChangeService } from './email-change/email-change.service.js';
import { EmailUndoService } from './email-change/email-undo.service.js';
import { InvitationAcceptanceService } from './invitations/invitation-acceptance.service.js';
import { InvitationMails } from './invitations/invitation-mails.js';
import { Invitation } from './invitations/invitation.entity.js';
import { InvitationAcceptanceController, InvitationsController } from './invitations/invitations.controller.js';
import { InvitationsService } from './invitations/invitations.service.js';
import { InvitedAccounts } from './invitations/invited-accounts.js';
import { InvitingService } from './invitations/inviting.service.js';
import { MailProofs } from './mail-proofs.js';
import { AccountExistsMail } from './mails/account-exists.mail.js';
import { EmailChangeMail } from './mails/email-change.mail.js';
import { EmailChangedMail } from './mails/email-changed.mail.js';
import { EmailVerificationMail } from './mails/email-verification.mail.js';
import { InvitationMail } from './mails/invitation.mail.js';
import { PasswordChangedMail } from './mails/password-changed.mail.js';
import { PasswordRecoveryMail } from './mails/password-recovery.mail.js';
import { Notices } from './notices.js';
import { OwnDataController, PersonalDataController } from './personal-data/personal-data.controller.js';
import { PersonalDataService } from './personal-data/personal-data.service.js';
import { PasswordRecoveryController } from './recovery/password-recovery.controller.js';
import { PasswordResetService } from './recovery/password-reset.service.js';
import { ProvedAccounts } from './recovery/proved-accounts.js';
import { RecoveryMailsService } from './recovery/recovery-mails.service.js';
import { RegistrationController } from './registration/registration.controller.js';
import { RegistrationMailsService } from './registration/registration-mails.service.js';
import { RegistrationService } from './registration/registration.service.js';
import { AddressVerification } from './verification/address-verification.js';
import { EmailVerificationController } from './verification/email-verification.controller.js';
import { EmailVerificationService } from './verification/email-verification.service.js';
import { VerificationMailsService } from './verification/verification-mails.service.js';

/** How an account begins, and what of it is proved by mail. */
@Module({
  imports: [
    TypeOrmModule.forFeature([Invitation]),
    AuthModule,
    UsersModule,
    PasswordsModule,
    ApiKeysModule,
    RevocationModule,
  ],
  controllers: [
    RegistrationController,
    EmailVerificationController,
    EmailChangeController,
    PasswordRecoveryController,
    InvitationsController,
    InvitationAcceptanceController,
    OwnDataController,
    PersonalDataController,
  ],
  providers: [
    AccountLimits,
    AccountMails,
    AddressRequests,
    MailProofs,
    Notices,
    ProvedAccounts,
    PasswordResetService,
    RecoveryMailsService,
    AddressVerification,
    EmailVerificationService,
    VerificationMailsService,
    RegistrationService,
    RegistrationMailsService,
    EmailChangeService,
    EmailUndoService,
    InvitationsService,
    InvitationMails,
    InvitedAccounts,
    InvitingService,
    InvitationAcceptanceService,
    PersonalDataService,
    InvitationMail,
    AccountExistsMail,
    EmailChangeMail,
    EmailChangedMail,
    EmailVerificationMail,
    PasswordChangedMail,
    PasswordRecoveryMail,
  ],
})
export class AccountsModule {}
