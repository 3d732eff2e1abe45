import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { canonicalEmail, deliveryAddress } from '../../common/email.js';
import { AppError } from '../../common/errors.js';
import type { Locale } from '../../common/locale.js';
import { networkOf } from '../../common/network.js';
import { Config } from '../config/config.js';
import { OutboxMessages } from '../outbox/outbox-messages.js';
import { policyOf } from '../rate-limit/policy.js';
import { RateLimiter, type Limit } from '../rate-limit/rate-limiter.js';
import type { MailKind } from './mail-kind.js';
import { MailKinds } from './mail-kinds.js';

const HOUR = 3600;
const MAIL_ADDRESS = policyOf({ name: 'mail-address', counts: 'address', attempts: 10, window: HOUR });
const MAIL_NETWORK = policyOf({ name: 'mail-network', counts: 'network', attempts: 50, window: HOUR });

/** The kind of messages in the outbox. */
export const MAIL = 'mail';

/** A mail as it waits in the outbox: ids and facts alone. */
export interface StoredMail {
  readonly kind: string;
  readonly to: string;
  readonly locale: Locale;
  readonly payload: object;
}

/** A mail that is to be sent. */
export interface NewMail<Payload extends object> {
  readonly to: string;
  /** The language of the person; null where they have chosen none. */
  readonly locale: Locale | null;
  /** Ids and facts of which the mail is rendered when it is delivered. Holds no secret. */
  readonly payload: Payload;
  /** The mail is worthless from then on. */
  readonly expiresAt: Date;
}

/** Tells whether the service sends mail at all: by SMTP, or in development into its mailbox. */
export const sendsMail = ({ smtpUrl, production }: Config): boolean => smtpUrl !== null || !production;

/** Sends mail for all features. What is sent by which words, the features say in their kinds of mail. */
@Injectable()
export class Mailer {
  private readonly logger = new Logger(Mailer.name);

  constructor(
    private readonly config: Config,
    private readonly outbox: OutboxMessages,
    private readonly kinds: MailKinds,
    private readonly limiter: RateLimiter,
  ) {}

  /** Whether mail is sent at all. */
  get isSet(): boolean {
    return sendsMail(this.config);
  }

  /** Adds a kind of mail, in `onModuleInit`. */
  add<Payload extends object, Key extends string, Value extends string>(kind: MailKind<Payload, Key, Value>): void {
    this.kinds.add(kind);
  }

  /**
   * Counts a mail, and tells whether it may go to this address because of a request from `clientAddress`. A feature
   * calls it before it sends mail that strangers can cause, and gives the same answer either way.
   */
  async admits(to: string, clientAddress: string | null): Promise<boolean> {
    const limits: Limit[] = [[MAIL_ADDRESS, canonicalEmail(to) ?? to]];
    if (clientAddress !== null) limits.push([MAIL_NETWORK, networkOf(clientAddress)]);
    try {
      await this.limiter.consumeAll(limits);
      return true;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'rate_limited') throw error;
      this.logger.warn({ event: 'mail_not_sent', why: 'too many mails to the address or from the network' });
      return false;
    }
  }

  /** Sends a mail once the transaction of `manager` has committed. Returns its id; null where no mail is sent at all. */
  async send<Payload extends object>(
    { name: kind }: Pick<MailKind<Payload>, 'name'>,
    { to: given, locale, payload, expiresAt }: NewMail<Payload>,
    manager: EntityManager,
  ): Promise<string | null> {
    if (!this.isSet) {
      this.logger.warn({ event: 'mail_not_sent', kind, why: 'SMTP_URL is not set' });
      return null;
    }
    if (!this.kinds.find(kind)) throw new Error(`no kind of mail named ${kind} was added`);
    const to = deliveryAddress(given);
    if (to === null) throw new Error(`a mail of kind ${kind} is to go to what is no address`);
    const stored: StoredMail = { kind, to, locale: locale ?? this.config.defaultLocale, payload };
    return this.outbox.append(MAIL, stored, { expiresAt }, manager);
  }
}
