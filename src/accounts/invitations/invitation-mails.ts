import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { OneTimeValues } from '../../platform/one-time/one-time-values.js';
import { AccountMails } from '../account-mails.js';
import { InvitationMail } from '../mails/invitation.mail.js';
import { INVITATION } from '../purposes.js';
import type { Invitation } from './invitation.entity.js';

const HOUR_MS = 3_600_000;

/** Sends the mails of invitations. */
@Injectable()
export class InvitationMails implements OnModuleInit {
  constructor(
    private readonly mails: AccountMails,
    private readonly mail: InvitationMail,
    private readonly values: OneTimeValues,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.mails.add(this.mail);
  }

  async send({ id: subject, email: to, locale, expiresAt }: Invitation, manager: EntityManager): Promise<void> {
    const hours = Math.round((expiresAt.getTime() - this.clock.now()) / HOUR_MS);
    await this.mails.send(this.mail, { purpose: INVITATION, subject, data: {}, to, locale }, { hours }, manager);
  }

  /** Makes the links of an invitation worthless. */
  discard(id: string, manager: EntityManager): Promise<void> {
    return this.values.discard([INVITATION], id, manager);
  }
}
