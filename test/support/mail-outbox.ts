import type { INestApplicationContext } from '@nestjs/common';
import type { TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { soon } from '../flows/service-process.js';
import { Mailer } from '../../src/platform/mail/mailer.js';
import { mailModules } from './mail-modules.js';
import { GREETING } from './test-mail.js';

/** What appends mails to the outbox. */
export interface MailSender {
  readonly app: INestApplicationContext;
  readonly dataSource: DataSource;
}

/** Starts the modules that send mail, which deliver none themselves. */
export async function startMailSender(
  databaseUrl: string,
  smtpUrl: string,
): Promise<MailSender & { app: TestingModule }> {
  const app = await mailModules(databaseUrl, smtpUrl);
  app.get(Mailer).add(GREETING);
  await app.init();
  return { app, dataSource: app.get(DataSource) };
}

/** Returns the rows of the outbox, the oldest first. */
export const outboxRows = ({ dataSource }: Pick<MailSender, 'dataSource'>): Promise<Record<string, unknown>[]> =>
  dataSource.query('SELECT * FROM outbox_messages ORDER BY created_at');

/** Waits until the outbox is empty. */
export const outboxIsEmpty = (sender: Pick<MailSender, 'dataSource'>): Promise<boolean> =>
  soon(async () => (await outboxRows(sender)).length === 0);

/** Returns the Message-ID of a mail of the outbox. */
export const messageIdOf = (id: string | null): string => `<${id}@localhost>`;
