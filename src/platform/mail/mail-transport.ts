import type { Config } from '../config/config.js';
import type { RenderedMail } from './mail-layout.js';
import type { Mailbox } from './mail.settings.js';

/** A mail as it leaves the service. */
export interface OutgoingMail extends RenderedMail {
  /** RFC 5322 3.6.4, without its angle brackets. The same at every attempt. */
  readonly messageId: string;
  readonly from: Mailbox;
  readonly replyTo: Mailbox | null;
  /** The address alone, as `deliveryAddress` writes it. */
  readonly to: string;
  readonly at: Date;
}

/** The sender where none is set: it appears in the mailbox of development alone. */
const NOBODY: Mailbox = { name: 'Countersign', address: 'no-reply@countersign.invalid' };

/** Adds sender, recipient and Message-ID. `id`: the same at every attempt to deliver the mail. */
export const addressed = (
  { mailFrom, mailReplyTo, publicUrl }: Config,
  rendered: RenderedMail,
  { id, to, at }: { id: string; to: string; at: Date },
): OutgoingMail => ({
  ...rendered,
  messageId: `${id}@${new URL(publicUrl).hostname}`,
  from: mailFrom ?? NOBODY,
  replyTo: mailReplyTo,
  to,
  at,
});

/** The way in which mail leaves the service. */
export abstract class MailTransport {
  /** Rejects where the mail may not have been taken. */
  abstract deliver(mail: OutgoingMail, signal: AbortSignal): Promise<void>;
  close(): void {}
}
