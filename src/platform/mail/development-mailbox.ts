import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MailTransport, type OutgoingMail } from './mail-transport.js';

/** The most mails that are kept. */
const CAPACITY = 200;

/** A mail in the mailbox of development. */
export interface DeliveredMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly links: readonly string[];
  readonly at: Date;
}

/** Writes mail to a folder in place of a server, one file for each mail, for developers. */
export class DevelopmentMailbox extends MailTransport {
  private readonly folder: string;

  constructor(dataDirectory: string) {
    super();
    this.folder = join(dataDirectory, 'mailbox');
  }

  async deliver({ messageId, to, subject, text, html, links, at }: OutgoingMail): Promise<void> {
    const mail: DeliveredMail = { to, subject, text, html, links, at };
    await mkdir(this.folder, { recursive: true });
    // Named after its id and the time of its cause: another attempt replaces the file, and names are in order.
    const file = join(this.folder, `${at.toISOString().replaceAll(':', '-')}_${messageId.split('@', 1)[0]}.json`);
    await writeFile(`${file}.new`, JSON.stringify(mail, null, 2), { mode: 0o600 });
    await rename(`${file}.new`, file);
    for (const old of (await this.files()).slice(CAPACITY)) await rm(join(this.folder, old), { force: true });
  }

  /** Lists the mails, the newest first. */
  async list(): Promise<DeliveredMail[]> {
    const texts = (await this.files()).map((file) => readFile(join(this.folder, file), 'utf8').catch(() => null));
    return (await Promise.all(texts)).flatMap((text) => (text === null ? [] : [JSON.parse(text) as DeliveredMail]));
  }

  private async files(): Promise<string[]> {
    const names = await readdir(this.folder).catch(() => []);
    return names
      .filter((name) => name.endsWith('.json'))
      .toSorted()
      .toReversed();
  }
}
