import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../../src/platform/config/config.js';
import { soon } from '../flows/service-process.js';
import { TestApp } from './create-app.js';

/** A mail as the mailbox of development shows it. */
export interface ReadMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly links: readonly string[];
}

/** The mailbox of development of an application. */
export class Mailbox {
  private constructor(
    readonly app: TestApp,
    private readonly directory: string,
  ) {}

  /** Starts an application with a mailbox of its own. */
  static async start(environment: Environment = {}): Promise<Mailbox> {
    const directory = await mkdtemp(join(tmpdir(), 'countersign-mailbox-'));
    return new Mailbox(await TestApp.start({ DATA_DIR: directory, ...environment }), directory);
  }

  async close(): Promise<void> {
    await this.app.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Waits until so many mails have gone to an address. The newest first. */
  async mailsTo(address: string, count = 1): Promise<ReadMail[]> {
    let mails: ReadMail[] = [];
    const arrived = async () => (mails = await this.read(address)).length >= count;
    if (!(await soon(arrived))) throw new Error(`${mails.length} of ${count} mails have gone to ${address}`);
    return mails;
  }

  /** The newest mail to an address whose subject has this text. */
  async newest(address: string, subject: string): Promise<ReadMail> {
    let found: ReadMail | undefined;
    const arrived = async () => {
      found = (await this.read(address)).find((mail) => mail.subject.includes(subject));
      return found !== undefined;
    };
    if (!(await soon(arrived))) throw new Error(`no mail "${subject}" has gone to ${address}`);
    return found!;
  }

  /** Waits until nothing is in the outbox any more. */
  async isSettled(): Promise<void> {
    const isEmpty = async () => {
      const [{ waiting }] = await this.app.dataSource.query<[{ waiting: number }]>(
        'SELECT count(*)::int AS waiting FROM outbox_messages WHERE dead_at IS NULL',
      );
      return waiting === 0;
    };
    if (!(await soon(isEmpty))) throw new Error('mails still wait in the outbox');
  }

  /** All mails to an address, once nothing is in the outbox any more. */
  async settled(address: string): Promise<ReadMail[]> {
    await this.isSettled();
    return this.read(address);
  }

  private async read(address: string): Promise<ReadMail[]> {
    const { body } = await this.app.http.get<ReadMail[]>('/dev/mailbox.json');
    return body.filter(({ to }) => to === address);
  }
}

/** The token of the link in a mail. */
export function tokenIn({ links }: ReadMail): string {
  const [token] = /cso_[\w-]{43}/.exec(links.join(' ')) ?? [];
  if (token === undefined) throw new Error('the mail has no link with a token');
  return token;
}

/** The code in a mail, which has a line of its own. */
export function codeIn({ text }: ReadMail): string {
  const code = /^\s+(\d{6})$/m.exec(text)?.[1];
  if (code === undefined) throw new Error('the mail has no code');
  return code;
}
