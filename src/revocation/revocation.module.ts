import { Global, Module } from '@nestjs/common';
import { KeysModule } from '../keys/keys.module.js';
import { FeedController } from './feed/feed.controller.js';
import { FeedStreams } from './feed/feed-streams.js';
import { FeedSigner } from './feed/feed-signer.js';
import { KeyRevocations } from './key-revocations.js';
import { KeyRotationController } from './key-rotation.controller.js';
import { RevocationLog } from './revocation-log.js';
import { RevocationMetrics } from './revocation-metrics.js';
import { RevocationReaders } from './revocation-readers.js';
import { RevocationService } from './revocation.service.js';
import { StatusListsController } from './status-list/status-lists.controller.js';
import { StatusListsService } from './status-list/status-lists.service.js';

/** Global for {@link RevocationReceipt}, which Nest creates in the module of the route that asks for it. */
@Global()
@Module({
  imports: [KeysModule],
  controllers: [KeyRotationController, FeedController, StatusListsController],
  providers: [
    KeyRevocations,
    RevocationLog,
    RevocationReaders,
    RevocationService,
    RevocationMetrics,
    FeedSigner,
    FeedStreams,
    StatusListsService,
  ],
  exports: [RevocationLog, RevocationReaders, RevocationService],
})
export class RevocationModule {}
