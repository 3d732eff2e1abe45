import { Module, type DynamicModule } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { DevelopmentMailbox } from './development-mailbox.js';
import { MailDelivery } from './mail-delivery.js';
import { MailKinds } from './mail-kinds.js';
import { MailLinks } from './mail-links.js';
import { MailRefusals } from './mail-refusals.js';
import { MailTransport } from './mail-transport.js';
import { MailboxController } from './mailbox.controller.js';
import { Mailer } from './mailer.js';
import { SmtpServer } from './smtp-server.js';

/** Tells whether mail goes to the mailbox of development. */
export const hasMailbox = ({ smtpUrl, production }: Config): boolean => smtpUrl === null && !production;

/** Returns where mail goes; where none is sent, nobody asks it to. */
export const transportOf = ({ smtpUrl, dataDirectory }: Config): MailTransport =>
  smtpUrl === null ? new DevelopmentMailbox(dataDirectory) : new SmtpServer(smtpUrl);

/** Mail: kinds that features declare, the outbox that it waits in, and the server or the mailbox that it goes to. */
@Module({})
export class MailModule {
  static forRoot(config: Config): DynamicModule {
    return {
      module: MailModule,
      global: true,
      // Without a mailbox its paths are unknown, like any other.
      controllers: hasMailbox(config) ? [MailboxController] : [],
      providers: [
        Mailer,
        MailDelivery,
        MailKinds,
        MailLinks,
        MailRefusals,
        { provide: MailTransport, useFactory: () => transportOf(config) },
      ],
      exports: [Mailer, MailLinks, MailRefusals],
    };
  }
}
