import type { AddressInfo } from 'node:net';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { soon } from '../flows/service-process.js';

/** A mail as the server got it. */
export interface ReceivedMail {
  from: string;
  to: string[];
  raw: string;
  parsed: ParsedMail;
}

/** An answer with this code and text. */
export const smtpError = (responseCode: number, message: string): Error =>
  Object.assign(new Error(message), { responseCode });

/** A real SMTP server, which keeps what it gets and answers as a test wants it. */
export class SmtpSink {
  readonly received: ReceivedMail[] = [];
  /** Most connections at a time. */
  mostConnections = 0;
  connections = 0;
  /** Throws, or waits, in place of an answer to RCPT TO and to the end of DATA. */
  onRecipient: (address: string) => Promise<void> | void = () => undefined;
  onMail: (mail: ReceivedMail) => Promise<void> | void = () => undefined;
  /** Takes the raw mails in place of `received`, where they are too many to keep. */
  counts: ((raw: string) => void) | null = null;

  private constructor(private readonly server: SMTPServer) {}

  static async start(options: SMTPServerOptions = {}, port = 0): Promise<SmtpSink> {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      disableReverseLookup: true,
      ...options,
      onConnect: (_session, done) => {
        sink.connections += 1;
        sink.mostConnections = Math.max(sink.mostConnections, sink.connections);
        done();
      },
      onClose: () => void (sink.connections -= 1),
      onRcptTo: ({ address }, _session, done) =>
        void (async () => sink.onRecipient(address))().then(
          () => done(),
          (error: Error) => done(error),
        ),
      onData: (stream, { envelope }, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
        const take = async (): Promise<void> => {
          const raw = Buffer.concat(chunks).toString();
          if (sink.counts) return sink.counts(raw);
          const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
          const to = envelope.rcptTo.map(({ address }) => address);
          const mail = { from, to, raw, parsed: await simpleParser(raw) };
          await sink.onMail(mail);
          sink.received.push(mail);
        };
        stream.on('end', () => void take().then(() => done(), done));
      },
    });
    const sink = new SmtpSink(server);
    server.on('error', () => undefined);
    await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));
    return sink;
  }

  get port(): number {
    return (this.server.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.port}`;
  }

  /** Waits until so many mails have come. */
  async has(count: number): Promise<ReceivedMail[]> {
    if (!(await soon(() => this.received.length >= count)))
      throw new Error(`${this.received.length} of ${count} mails have come`);
    return this.received;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}
