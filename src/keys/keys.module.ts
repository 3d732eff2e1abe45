import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { KeyChanges } from './key-changes.js';
import { KeyMetrics } from './key-metrics.js';
import { KeyRing } from './key-ring.js';
import { KeyRotationService } from './key-rotation.service.js';
import { KeyStore } from './key-store.js';
import { JwksController } from './keys.controller.js';
import { EventSigningKey, SigningKey } from './signing-key.entity.js';

@Module({
  imports: [TypeOrmModule.forFeature([SigningKey, EventSigningKey])],
  controllers: [JwksController],
  providers: [KeyStore, KeyRing, KeyChanges, KeyRotationService, KeyMetrics],
  exports: [KeyRing, KeyRotationService],
})
export class KeysModule {}
