import { Global, Module } from '@nestjs/common';
import { KeysModule } from '../keys/keys.module.js';
import { KeyRevocations } from './key-revocations.js';
import { KeyRotationController } from './key-rotation.controller.js';
import { RevocationLog } from './revocation-log.js';
import { RevocationReaders } from './revocation-readers.js';
import { RevocationService } from './revocation.service.js';

/** Global for {@link RevocationReceipt}, which Nest creates in the module of the route that asks for it. */
@Global()
@Module({
  imports: [KeysModule],
  controllers: [KeyRotationController],
  providers: [KeyRevocations, RevocationLog, RevocationReaders, RevocationService],
  exports: [RevocationLog, RevocationReaders, RevocationService],
})
export class RevocationModule {}
