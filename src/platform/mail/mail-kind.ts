import type { Locale } from '../../common/locale.js';
import type { MailLinks } from './mail-links.js';
import type { CommonValue, MailTexts } from './mail-texts.js';

/** A part of a mail: a paragraph, a link, or a code that is typed. Keys name texts of the kind. */
export type MailBlock<Key extends string> =
  Key | { readonly link: Key; readonly url: string } | { readonly code: string };

/** The content of a mail. The subject is the text `subject`. */
export interface MailContent<Key extends string = string, Value extends string = string> {
  readonly values: Readonly<Record<Exclude<Value, CommonValue>, string>>;
  readonly body: readonly MailBlock<Exclude<Key, 'subject'>>[];
}

/** The facts with which a mail is rendered. */
export interface MailContext {
  /** Of the message in the outbox: the same at every attempt. */
  readonly id: string;
  readonly to: string;
  readonly locale: Locale;
  readonly links: MailLinks;
}

/**
 * A kind of mail, which its feature declares and gives to `Mailer.add`. It is rendered at each attempt to deliver it, and
 * never before: links and codes are derived then, and no table holds them.
 */
export interface MailKind<Payload extends object = object, Key extends string = string, Value extends string = string> {
  /** E.g. `password_recovery`: the name in the outbox, in the log, and of the files that replace its texts. Unique. */
  readonly name: string;
  readonly texts: MailTexts<Key, Value>;
  /** Whether it is also sent to an address that has refused mail: for what proves that the address takes mail again. */
  readonly evenIfRefused?: boolean;
  /** Renders the mail; null where nobody needs it any more. */
  render(
    payload: Payload,
    context: MailContext,
  ): Promise<MailContent<Key, Value> | null> | MailContent<Key, Value> | null;
}
