import { Test, type TestingModule } from '@nestjs/testing';
import { ConfigModule } from '../../src/platform/config/config.module.js';
import { loadConfig } from '../../src/platform/config/config.js';
import { TelemetryModule } from '../../src/platform/telemetry/telemetry.module.js';
import { DatabaseModule } from '../../src/platform/database/database.module.js';
import { ClusterBus } from '../../src/platform/events/cluster-bus.js';
import { Jobs } from '../../src/platform/jobs/jobs.js';
import { JobsModule } from '../../src/platform/jobs/jobs.module.js';
import { OutboxMessages, type MessageKind } from '../../src/platform/outbox/outbox-messages.js';
import { OutboxModule } from '../../src/platform/outbox/outbox.module.js';
import { testEnvironment } from './environment.js';

export const PARCEL = 'parcel';
export type Parcel = { n: number };

/** Makes a kind of messages that the test delivers. */
export const parcels = (
  send: MessageKind<Parcel>['send'],
  fields: Partial<MessageKind<Parcel>> = {},
): MessageKind<Parcel> => ({ name: PARCEL, atOnce: 4, lease: 60_000, maxAttempts: 3, send, ...fields });

/** Wakes instances. There are no events, because the features that have to handle them are missing here. */
const wakeUps = { module: class WakeUps {}, global: true, providers: [ClusterBus], exports: [ClusterBus] };

/**
 * Starts the platform modules alone, with workers that deliver one kind of messages where the process is in service.
 */
export async function openOutbox(
  url: string,
  kind: MessageKind<Parcel>,
  { inService = true } = {},
): Promise<TestingModule> {
  const config = loadConfig(testEnvironment({ DATABASE_URL: url }));
  const imports = [ConfigModule.forRoot(config), TelemetryModule, DatabaseModule, wakeUps, JobsModule, OutboxModule];
  const module = await Test.createTestingModule({ imports }).compile();
  module.useLogger(false);
  if (inService) module.get(Jobs).enable();
  module.get(OutboxMessages).add(kind);
  return module.init();
}
