import { Global, Module } from '@nestjs/common';
import { AuditController } from './audit.controller.js';
import { AuditLog } from './audit-log.js';
import { AuditReader } from './audit-reader.js';
import { StartRecord } from './start-record.js';

/** Global, since whatever changes something records it. */
@Global()
@Module({
  controllers: [AuditController],
  providers: [AuditLog, AuditReader, StartRecord],
  exports: [AuditLog],
})
export class AuditModule {}
