import { Global, Module } from '@nestjs/common';
import { OutboxMessages } from './outbox-messages.js';
import { OutboxWorkers } from './outbox-workers.js';

/** Provides the outbox: rows that are written with their cause, and workers that deliver them after the commit. */
@Global()
@Module({ providers: [OutboxWorkers, OutboxMessages], exports: [OutboxWorkers, OutboxMessages] })
export class OutboxModule {}
