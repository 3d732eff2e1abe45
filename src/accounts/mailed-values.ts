import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Locale } from '../common/locale.js';
import type { MailKind } from '../platform/mail/mail-kind.js';
import { Mailer } from '../platform/mail/mailer.js';
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

/** Issues one-time values and sends the mails that show them, with one transaction. */
@Injectable()
export class MailedValues {
  constructor(
    private readonly values: OneTimeValues,
    private readonly mailer: Mailer,
  ) {}

  /** Declares a kind of mail, in `onModuleInit`. */
  add(mail: MailKind): void {
    this.mailer.add(mail);
  }

  /** `payload`: what the mail says besides. Its own payload gets the id of the value as `value`. */
  async send<Data extends object, Payload extends { readonly value: string }>(
    mail: MailKind<Payload>,
    { purpose, subject, data, to, locale }: MailedValue<Data>,
    payload: Omit<Payload, 'value'>,
    manager: EntityManager,
  ): Promise<void> {
    const { id: value, expiresAt } = await this.values.issue(purpose, { subject, data }, manager);
    await this.mailer.send(mail, { to, locale, payload: { ...payload, value } as Payload, expiresAt }, manager);
  }
}
