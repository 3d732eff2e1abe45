import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { deliveryAddress } from '../../common/email.js';
import { Config } from '../config/config.js';
import { OutboxMessages, Undeliverable, type OutboxMessage } from '../outbox/outbox-messages.js';
import { renderMail } from './mail-layout.js';
import { MailKinds } from './mail-kinds.js';
import { MailLinks } from './mail-links.js';
import { MailRefusals } from './mail-refusals.js';
import { addressed, MailTransport, type OutgoingMail } from './mail-transport.js';
import { MAIL, sendsMail, type StoredMail } from './mailer.js';
import { codesOf, outcomeOf, type SmtpFault } from './smtp-reply.js';
import { SMTP_CONNECTIONS } from './smtp-server.js';

const LEASE_MS = 60_000;
/** The longest attempt, in milliseconds: shorter than the lease, so that no mail is sent twice at the same time. */
const ATTEMPT_MS = 45_000;
/** The most attempts. With the longest pause between them they take more than a day; most mails expire before. */
const MAX_ATTEMPTS = 40;

/** Delivers the mails of the outbox. */
@Injectable()
export class MailDelivery implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(MailDelivery.name);

  constructor(
    private readonly config: Config,
    private readonly outbox: OutboxMessages,
    private readonly kinds: MailKinds,
    private readonly refusals: MailRefusals,
    private readonly transport: MailTransport,
  ) {}

  onModuleInit(): void {
    if (!sendsMail(this.config)) return;
    this.outbox.add<StoredMail>({
      name: MAIL,
      atOnce: SMTP_CONNECTIONS,
      lease: LEASE_MS,
      maxAttempts: MAX_ATTEMPTS,
      send: (message, closing) => this.deliver(message, closing),
    });
  }

  /** After the workers of the outbox have ended. */
  onApplicationShutdown(): void {
    this.transport.close();
  }

  private async deliver(message: OutboxMessage<StoredMail>, closing: AbortSignal): Promise<void> {
    const { id } = message;
    const { kind, to } = message.payload;
    const mail = await this.render(message);
    if (mail === null) return;
    try {
      await untilAborted(closing, (signal) => this.transport.deliver(mail, signal));
    } catch (error) {
      const outcome = outcomeOf(error as SmtpFault);
      if (outcome === 'retry') throw error;
      // The answer of a server names the address; the log of the operator need not.
      const why = `the server refuses it for good: ${codesOf(error as SmtpFault)}`;
      if (outcome === 'refused') await this.refusals.add(to, codesOf(error as SmtpFault));
      throw new Undeliverable(why);
    }
    if (this.kinds.find(kind)?.evenIfRefused) await this.refusals.clear(to);
    this.logger.log({ event: 'mail_sent', kind, message: id, attempts: message.attempts });
  }

  /** Renders the mail; null where it must not be sent any more. */
  private async render({ id, createdAt, payload: stored }: OutboxMessage<StoredMail>): Promise<OutgoingMail | null> {
    const { to, locale, payload } = stored;
    // Checked again, because other code may have written the row: the recipient must be one mailbox.
    if (deliveryAddress(to) !== to) throw new Undeliverable('the recipient is no address');
    const kind = this.kinds.find(stored.kind);
    // Another version, which has the kind, runs beside this one.
    if (!kind) throw new Error(`there is no kind of mail named ${stored.kind} in this version`);
    const skip = (why: string): null => {
      this.logger.debug({ event: 'mail_not_sent', kind: stored.kind, message: id, why });
      return null;
    };
    if (!kind.evenIfRefused && (await this.refusals.find(to))) return skip('the address has refused mail before');
    const links = new MailLinks(this.config);
    const content = await kind.render(payload, { id, to, locale, links });
    if (content === null) return skip('nobody wants it any more');
    const common = { service: this.config.serviceName, to };
    const rendered = renderMail(content, { ...this.kinds.wordingOf(kind, locale), common });
    return addressed(this.config, rendered, { id, to, at: createdAt });
  }
}

/**
 * Runs an attempt with a signal that aborts at the stop of the service and after {@link ATTEMPT_MS}. It leaves nothing behind:
 * a signal of `AbortSignal.any` would stay known to `closing`, and a timer of `AbortSignal.timeout` would run on.
 */
async function untilAborted(closing: AbortSignal, attempt: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const abort = (): void => controller.abort(closing.reason);
  const timer = setTimeout(() => controller.abort(new Error('the attempt took too long')), ATTEMPT_MS);
  closing.addEventListener('abort', abort);
  if (closing.aborted) abort();
  try {
    await attempt(controller.signal);
  } finally {
    clearTimeout(timer);
    closing.removeEventListener('abort', abort);
  }
}
