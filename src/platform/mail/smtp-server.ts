import { setTimeout as sleep } from 'node:timers/promises';
import type { Transporter } from 'nodemailer';
import { MailTransport, type OutgoingMail } from './mail-transport.js';
import { isServerAway, type SmtpFault } from './smtp-reply.js';

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;
/** Mails on their way at a time, each on a connection that is used again for the next one. */
export const SMTP_CONNECTIONS = 5;
const CONNECT_MS = 10_000;
/** Silence of a server in the midst of a mail. */
const SILENCE_MS = 20_000;
/** The pause after the server could not be reached: mails that wait do not all try in vain at once. */
const REST_MS = 2_000;

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** The server that takes mail for everybody. Its library is loaded with the first mail. */
export class SmtpServer extends MailTransport {
  private transporter: Promise<Transporter> | null = null;
  private restUntil = 0;

  constructor(private readonly url: string) {
    super();
  }

  async deliver({ messageId, from, replyTo, to, at, subject, text, html }: OutgoingMail, signal: AbortSignal) {
    await this.rest(signal);
    try {
      const transporter = await (this.transporter ??= this.open());
      // Objects and an envelope: of a text, the library would read several addresses, groups and comments.
      await transporter.sendMail({
        messageId: `<${messageId}>`,
        from,
        ...(replyTo && { replyTo }),
        to: { name: '', address: to },
        envelope: { from: from.address, to: [to] },
        date: at,
        subject,
        text,
        html,
        // RFC 3834 5: no vacation notice answers.
        headers: { 'Auto-Submitted': 'auto-generated' },
        disableFileAccess: true,
        disableUrlAccess: true,
        signal,
      });
    } catch (error) {
      if (!signal.aborted && isServerAway(error as SmtpFault)) this.restUntil = performance.now() + REST_MS;
      throw this.withoutCredentials(error as Error);
    }
  }

  /** Connects and signs in, and sends nothing. Rejects with the reason why that fails. */
  async verify(): Promise<void> {
    try {
      await (await (this.transporter ??= this.open())).verify();
    } catch (error) {
      throw this.withoutCredentials(error as Error);
    }
  }

  override close(): void {
    void this.transporter?.then((transporter) => transporter.close());
    this.transporter = null;
  }

  private async open(): Promise<Transporter> {
    const { createTransport } = await import('nodemailer');
    const { protocol, hostname, port } = new URL(this.url);
    const secure = protocol === 'smtps:';
    const isLoopback = LOOPBACK.test(hostname);
    return createTransport({
      pool: true,
      maxConnections: SMTP_CONNECTIONS,
      // The outbox tries a mail again that was not accepted.
      maxRequeues: 1,
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? (secure ? 465 : 587) : Number(port),
      secure,
      // RFC 8314 3: no credentials and no link in plain text over a network.
      requireTLS: !secure && !isLoopback,
      ignoreTLS: !secure && isLoopback,
      ...this.auth(),
      connectionTimeout: CONNECT_MS,
      dnsTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      socketTimeout: SILENCE_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  private auth(): { auth?: { user: string; pass: string } } {
    const [user, pass] = this.credentials();
    return user === '' ? {} : { auth: { user, pass } };
  }

  private credentials(): [user: string, password: string] {
    const { username, password } = new URL(this.url);
    return [decodeURIComponent(username), decodeURIComponent(password)];
  }

  private async rest(signal: AbortSignal): Promise<void> {
    const milliseconds = this.restUntil - performance.now();
    if (milliseconds > 0) await sleep(milliseconds, undefined, { signal });
  }

  /** Removes credentials from an error, because a server may repeat in its answer what it was sent. */
  private withoutCredentials(error: Error): Error {
    const [user, password] = this.credentials();
    if (password === '') return error;
    for (const secret of [password, base64(password), base64(`\0${user}\0${password}`)]) {
      error.message = error.message.replaceAll(secret, '[redacted]');
    }
    return error;
  }
}
