import { Global, Module } from '@nestjs/common';
import { KeysModule } from '../keys/keys.module.js';
import { KeyRotationController } from './key-rotation.controller.js';
import { RevocationLog } from './revocation-log.js';
import { RevocationReaders } from './revocation-readers.js';
import { RevocationService } from './revocation.service.js';
import { StatusListsController } from './status-list/status-lists.controller.js';
import { StatusListsService } from './status-list/status-lists.service.js';

/** Global for {@link RevocationReceipt}, which Nest creates in the module of the route that asks for it. */
@Global()
@Module({
  imports: [KeysModule],
  controllers: [KeyRotationController, StatusListsController],
  providers: [RevocationLog, RevocationReaders, RevocationService, StatusListsService],
  exports: [RevocationLog, RevocationReaders, RevocationService],
})
export class RevocationModule {}
