import { Test, type TestingModule } from '@nestjs/testing';
import { ConfigModule } from '../../src/platform/config/config.module.js';
import { loadConfig } from '../../src/platform/config/config.js';
import { TelemetryModule } from '../../src/platform/telemetry/telemetry.module.js';
import { DatabaseModule } from '../../src/platform/database/database.module.js';
import { ClusterBus } from '../../src/platform/events/cluster-bus.js';
import { JobsModule } from '../../src/platform/jobs/jobs.module.js';
import { MailModule } from '../../src/platform/mail/mail.module.js';
import { OutboxModule } from '../../src/platform/outbox/outbox.module.js';
import { RateLimitModule } from '../../src/platform/rate-limit/rate-limit.module.js';
import { testEnvironment } from './environment.js';

const wakeUps = { module: class WakeUps {}, global: true, providers: [ClusterBus], exports: [ClusterBus] };

/** Returns the platform modules that send mail, not initialised yet: until jobs are enabled, they deliver none. */
export async function mailModules(DATABASE_URL: string, SMTP_URL: string): Promise<TestingModule> {
  const config = loadConfig(testEnvironment({ DATABASE_URL, SMTP_URL, MAIL_FROM: 'no-reply@example.com' }));
  const platform = [
    ConfigModule.forRoot(config),
    TelemetryModule,
    DatabaseModule,
    wakeUps,
    JobsModule,
    OutboxModule,
    RateLimitModule,
  ];
  const module = await Test.createTestingModule({ imports: [...platform, MailModule.forRoot(config)] }).compile();
  module.useLogger(false);
  return module;
}
