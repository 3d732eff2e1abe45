import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import type { Locale } from '../common/locale.js';
import type { MailKind } from '../platform/mail/mail-kind.js';
import { Mailer, type NewMail } from '../platform/mail/mailer.js';
import type { OneTimePurpose } from '../platform/one-time/one-time-purpose.js';
import { OneTimeValues } from '../platform/one-time/one-time-values.js';

/** What a mail with a link is sent for. */
export interface MailedValue<Data extends object> {
  readonly purpose: OneTimePurpose<Data>;
  /** The id of the user. */
  readonly subject: string;
  readonly data: Data;
  readonly to: string;
  readonly locale: Locale | null;
}

/** A notice that has not been delivered by then comes too late to help. */
const NOTICE_LIFETIME_MS = 3 * 24 * 3_600_000;

/** Sends the mails of accounts, in the transaction of their cause. */
@Injectable()
export class AccountMails {
  constructor(
    private readonly values: OneTimeValues,
    private readonly mailer: Mailer,
    private readonly clock: Clock,
  ) {}

  /** Declares a kind of mail, in `onModuleInit`. */
  add(mail: MailKind): void {
    this.mailer.add(mail);
  }

  /** Issues a one-time value and sends the mail that shows it. `payload`: what the mail says besides. Its own payload gets the id of the value as `value`. */
  async send<Data extends object, Payload extends { readonly value: string }>(
    mail: MailKind<Payload>,
    { purpose, subject, data, to, locale }: MailedValue<Data>,
    payload: Omit<Payload, 'value'>,
    manager: EntityManager,
  ): Promise<void> {
    const { id: value, expiresAt } = await this.values.issue(purpose, { subject, data }, manager);
    await this.mailer.send(mail, { to, locale, payload: { ...payload, value } as Payload, expiresAt }, manager);
  }

  /** Sends a mail that shows no value. */
  async notify<Payload extends object>(
    mail: MailKind<Payload>,
    { to, locale, payload }: Pick<NewMail<Payload>, 'to' | 'locale' | 'payload'>,
    manager: EntityManager,
  ): Promise<void> {
    const expiresAt = new Date(this.clock.now() + NOTICE_LIFETIME_MS);
    await this.mailer.send(mail, { to, locale, payload, expiresAt }, manager);
  }
}
