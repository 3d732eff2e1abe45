import { Global, Module } from '@nestjs/common';
import { OutboxMessages } from './outbox-messages.js';
import { OutboxWorkers } from './outbox-workers.js';

/** What must happen outside after a commit: rows written with their cause, and workers that deliver them. */
@Global()
@Module({ providers: [OutboxWorkers, OutboxMessages], exports: [OutboxWorkers, OutboxMessages] })
export class OutboxModule {}
