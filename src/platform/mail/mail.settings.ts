import { deliveryAddress } from '../../common/email.js';
import { LOCALES } from '../../common/locale.js';
import { choice, fail, setting, smtpUrl, text, type Options } from '../config/setting.js';
import { section } from '../config/settings.js';

/** A name and the address of one mailbox. */
export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

const MAILBOX = /^(?:(?<name>[^<>"]*?)\s*<(?<named>[^<>\s]+)>|(?<bare>[^<>\s]+))$/u;

const isOneLine = (value: string): boolean => !/[\p{Cc}\u2028\u2029]/u.test(value);

/** `Name <address>` or an address alone (RFC 5322 3.4), the name without quotation marks. */
const mailbox = <O extends Options>(env: string, options: O) =>
  setting(env, '`Name <address>` or an address', options, (value): Mailbox => {
    const { name = '', named, bare } = MAILBOX.exec(value.trim())?.groups ?? {};
    const address = deliveryAddress(named ?? bare ?? '');
    return address && isOneLine(name) ? { name, address } : fail('must be such as Example <no-reply@example.com>');
  });

const PLACEHOLDER = /\{(\w+)\}/g;

const pageUrl = <O extends Options>(env: string, options: O) =>
  setting(env, 'http or https URL', options, (value) => {
    const url = URL.parse(value);
    if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password)
      return fail('must be an http or https URL without credentials');
    if (!value.includes('{'))
      return /[?#]/.test(value) ? fail('must name {page} and {token}, or have no ? and #') : value;
    // In the authority they would choose the server that gets the token.
    const behind = value.startsWith(url.origin) ? value.slice(url.origin.length) : '';
    const named = [...behind.matchAll(PLACEHOLDER)].map(([, name]) => name).join();
    return /^(page,token|token,page)$/.test(named) && !/[{}]/.test(behind.replace(PLACEHOLDER, ''))
      ? value
      : fail('must name {page} and {token} once, behind the host, and nothing else in braces');
  });

export const MAIL_SETTINGS = section(
  {
    smtpUrl: smtpUrl('SMTP_URL', {
      doc: 'The server that takes mail: `smtps://user:password@host` (TLS from the start, port 465), or `smtp://…` (port 587), which must offer STARTTLS, but for loopback. Unset in development: a mailbox in `DATA_DIR`, shown at `/dev/mailbox`; in production: no mail.',
    }),
    mailFrom: mailbox('MAIL_FROM', { doc: 'The sender of mail. Required with `SMTP_URL`.' }),
    mailReplyTo: mailbox('MAIL_REPLY_TO', { doc: 'Who gets the replies to mail. Unset: the sender.' }),
    serviceName: setting(
      'SERVICE_NAME',
      'text',
      { fallback: 'Countersign', doc: 'The name that people know the service by, in mail.' },
      (value) => (isOneLine(value) && value.length <= 60 ? value : fail('must be one line of 60 characters at most')),
    ),
    mailTexts: text('MAIL_TEXTS', {
      doc: 'A folder of files that replace texts of mail, such as `de/password_recovery.json` (`docs/mail.md`). Unset: none.',
    }),
    defaultLocale: choice('DEFAULT_LOCALE', LOCALES, {
      fallback: 'en',
      doc: 'The language of people who have chosen none.',
    }),
    appUrl: pageUrl('APP_URL', {
      doc: 'Where the pages are that links in mail lead to: `https://app.example.com` stands for `https://app.example.com/{page}#token={token}`, and any such pattern can be given. Unset: `PUBLIC_URL`.',
    }),
  },
  {
    contradictions: ({ smtpUrl: server, mailFrom }) =>
      server && mailFrom === null ? ['MAIL_FROM is required with SMTP_URL: set it to the sender of mail'] : [],
    inProduction: ({ appUrl }) =>
      appUrl?.startsWith('http:') && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(appUrl).hostname)
        ? ['APP_URL must be https in production']
        : [],
  },
);
