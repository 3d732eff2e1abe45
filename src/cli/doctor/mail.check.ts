import { deliveryAddress } from '../../common/email.js';
import type { Config } from '../../platform/config/config.js';
import { hasMailbox, transportOf } from '../../platform/mail/mail.module.js';
import { SmtpServer } from '../../platform/mail/smtp-server.js';
import { testMail } from '../../platform/mail/test-mail.js';
import { CommandFault } from '../command.js';
import { fail, ok, warn, type Finding } from './finding.js';

const PATIENCE_MS = 60_000;

/** Examines whether the SMTP server can be reached and takes the credentials. Sends nothing. */
export async function checkMail(config: Config): Promise<Finding[]> {
  if (config.smtpUrl === null)
    return hasMailbox(config)
      ? [ok('mail', `is shown at ${config.publicUrl}/dev/mailbox`)]
      : [warn('mail', 'none is sent', 'Set SMTP_URL and MAIL_FROM, so that people can verify addresses and recover.')];
  const server = new SmtpServer(config.smtpUrl);
  const { host, protocol, username } = new URL(config.smtpUrl);
  try {
    await server.verify();
    return [ok('mail', `${host} answers by ${protocol.slice(0, -1)}${username ? ' and takes the credentials' : ''}`)];
  } catch (error) {
    const remedy = 'Correct SMTP_URL: its scheme, host, port, user name and password; certificates are verified.';
    return [fail('mail', `${host} does not take mail: ${(error as Error).message}`, remedy)];
  } finally {
    server.close();
  }
}

/** Returns the address of a mail that tries out the delivery. Throws a `CommandFault` where the text is none. */
export function testRecipient(text: string): string {
  const to = deliveryAddress(text);
  if (to === null) throw new CommandFault('--send-test-mail must be an e-mail address');
  return to;
}

/** Sends a mail to an address of the operator, past the outbox. */
export async function sendTestMail(config: Config, to: string): Promise<Finding[]> {
  if (config.smtpUrl === null && !hasMailbox(config)) return [fail('test mail', 'none is sent', 'Set SMTP_URL first.')];
  const transport = transportOf(config);
  const server = config.smtpUrl === null ? 'the mailbox of development' : new URL(config.smtpUrl).hostname;
  try {
    await transport.deliver(testMail(config, to, server), AbortSignal.timeout(PATIENCE_MS));
    return [ok('test mail', `was taken by ${server} for ${to}`)];
  } catch (error) {
    const text = `was not taken: ${(error as Error).message}`;
    return [fail('test mail', text, 'The answer of the server says why; docs/mail.md tells what follows from it.')];
  } finally {
    transport.close();
  }
}
