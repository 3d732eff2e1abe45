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

/** Where mail goes. */
export abstract class MailTransport {
  /** Rejects where the mail may not have been taken. */
  abstract deliver(mail: OutgoingMail, signal: AbortSignal): Promise<void>;
  close(): void {}
}
