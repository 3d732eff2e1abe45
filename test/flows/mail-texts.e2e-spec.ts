import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Mailer } from '../../src/platform/mail/mailer.js';
import { TestApp } from '../support/create-app.js';
import { SmtpSink } from '../support/smtp-sink.js';
import { GREETING, greet } from '../support/test-mail.js';

describe('an operator who replaces texts of mail', () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'countersign-mail-'))));
  afterEach(() => rm(folder, { recursive: true }));

  async function write(name: string, text: string): Promise<void> {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), text);
  }

  it('finds them in mail of that language, and the others as they were', async () => {
    await write('fr/layout.json', '{"footer": "De la part de {{service}} <b>pour</b> {{to}}"}');
    const smtp = await SmtpSink.start();
    const app = await TestApp.start({ SMTP_URL: smtp.url, MAIL_FROM: 'no-reply@example.com', MAIL_TEXTS: folder });
    try {
      app.app.get(Mailer).add(GREETING);
      await greet(app, { locale: 'fr' });
      await greet(app, { locale: 'de' });
      const mails = await smtp.has(2);
      const [french, german] = ['fr', 'de'].map((lang) =>
        mails.find(({ parsed }) => String(parsed.html).includes(`lang="${lang}"`)),
      );
      expect(french!.parsed.text).toContain('De la part de Countersign <b>pour</b> alice@example.com');
      expect(french!.parsed.text).toContain('Bonjour Alice');
      expect(french!.parsed.html).toContain('De la part de Countersign &lt;b&gt;pour&lt;/b&gt; alice@example.com');
      expect(german!.parsed.text).toContain('Diese E-Mail hat Countersign an alice@example.com geschickt.');
    } finally {
      await app.close();
      await smtp.stop();
    }
  });

  it('learns of all faults at the start, which does not happen', async () => {
    await write('nl/layout.json', '{}');
    await write('de/nothing.json', '{}');
    await write('de/layout.json', '{"footer": "{{token}}", "foot": "x"}');
    await write('en/layout.json', '{"footer": "a", "footer": "b"}');
    await write('es/layout.json', '["footer"]');
    const failed = await TestApp.start({ MAIL_TEXTS: folder }).catch((error: Error) => error.message);
    expect(failed).toContain('6 faults');
    expect(failed).toContain('MAIL_TEXTS: nl is none of the folders en, de, fr, es');
    expect(failed).toContain('MAIL_TEXTS: de/nothing.json is named after no kind of mail: layout');
    expect(failed).toContain('MAIL_TEXTS: de/layout.json: "footer" names {{token}}, which has no value here');
    expect(failed).toContain('MAIL_TEXTS: de/layout.json: there is no text "foot"');
    expect(failed).toMatch(/MAIL_TEXTS: en\/layout\.json cannot be read: a member/);
    expect(failed).toContain('MAIL_TEXTS: es/layout.json must be an object of texts');
  });

  it('learns that there is no such folder', async () => {
    const failed = TestApp.start({ MAIL_TEXTS: join(folder, 'none') });
    await expect(failed).rejects.toThrow('MAIL_TEXTS: the folder cannot be read (ENOENT)');
  });
});
