import { Global, Module } from '@nestjs/common';
import { KeysModule } from '../keys/keys.module.js';
import { RevocationModule } from '../revocation/revocation.module.js';
import { AuditController } from './audit.controller.js';
import { AuditLog } from './audit-log.js';
import { AuditRefusals } from './audit-refusals.js';
import { AuditReader } from './audit-reader.js';
import { EventCounts } from './event-counts.js';
import { AuditRetention } from './chain/audit-retention.js';
import { AuditSealer } from './chain/audit-sealer.js';
import { AuditVerifier } from './chain/audit-verifier.js';
import { Checkpoints } from './chain/checkpoints.js';
import { AuditStreams } from './tail/audit-streams.js';
import { AuditTail } from './tail/audit-tail.js';
import { TailAccess } from './tail/tail-access.js';
import { AuditForwarding } from './forwarding/audit-forwarding.js';
import { Receivers } from './forwarding/receivers.js';
import { SyslogReceiver } from './forwarding/syslog-receiver.js';
import { WebhookReceiver } from './forwarding/webhook-receiver.js';
import { StartRecord } from './start-record.js';

/** Global, because every feature that changes something records it. */
@Global()
@Module({
  imports: [KeysModule, RevocationModule],
  controllers: [AuditController],
  providers: [
    EventCounts,
    AuditLog,
    AuditRefusals,
    AuditReader,
    StartRecord,
    Checkpoints,
    AuditSealer,
    AuditVerifier,
    AuditRetention,
    AuditTail,
    TailAccess,
    AuditStreams,
    WebhookReceiver,
    SyslogReceiver,
    Receivers,
    AuditForwarding,
  ],
  exports: [AuditLog, AuditRefusals, EventCounts],
})
export class AuditModule {}
