/** The result of a failed attempt. `refused`: the address accepts no mail at all. */
export type SmtpOutcome = 'retry' | 'undeliverable' | 'refused';

/** An error of SMTP, as nodemailer describes it. */
export interface SmtpFault {
  readonly message: string;
  /** The command that was answered; another word where none was. */
  readonly command?: string | undefined;
  readonly responseCode?: number | undefined;
  readonly response?: string | undefined;
}

/** RFC 3463: the enhanced status code behind the reply code. */
const ENHANCED = /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/;
/** RFC 3463 3.2, 3.3 and RFC 7504: no such mailbox or domain, or one that is closed. 5.4.1 is what Exchange Online says. */
const NO_MAILBOX = /^5\.(1\.(1|2|3|6|10)|2\.1|4\.1)$/;
/** RFC 5321 4.2.3, RFC 7504 4: the same from servers without enhanced codes. */
const NO_MAILBOX_CODES: ReadonlySet<number> = new Set([550, 551, 553, 556]);
/** RFC 3463 3.8, RFC 4954 6: the server does not trust us, which is no property of the address. */
const NOT_TRUSTED_CODES: ReadonlySet<number> = new Set([530, 534, 535, 538]);

/** Decides whether another attempt can help after a failed one. */
export function outcomeOf({ command, responseCode = 0, response = '' }: SmtpFault): SmtpOutcome {
  // A refusal at the sender or before it concerns this service: the operator corrects the cause while the mail waits.
  if (responseCode < 500 || responseCode === 503 || (command !== 'RCPT TO' && command !== 'DATA')) return 'retry';
  if (command === 'DATA') return 'undeliverable';
  const enhanced = ENHANCED.exec(response)?.[1];
  if (enhanced?.startsWith('5.7.') || NOT_TRUSTED_CODES.has(responseCode)) return 'retry';
  const isGone = enhanced === undefined ? NO_MAILBOX_CODES.has(responseCode) : NO_MAILBOX.test(enhanced);
  return isGone ? 'refused' : 'undeliverable';
}

/** Tells whether other mails would fail likewise: the server cannot be reached, or does not take us in. */
export const isServerAway = ({ command, responseCode }: SmtpFault): boolean =>
  responseCode === 421 || !['MAIL FROM', 'RCPT TO', 'DATA'].includes(command ?? '');

/** Returns the codes of a reply, without its text, which may hold an address. */
export const codesOf = ({ responseCode, response = '' }: SmtpFault): string =>
  [responseCode, ENHANCED.exec(response)?.[1]].filter((code) => code !== undefined).join(' ');
