import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ClientsModule } from '../clients/clients.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { DeliveryService } from './delivery.service.js';
import { Outbox } from './outbox.js';
import { PollController } from './poll.controller.js';
import { PollService } from './poll.service.js';
import { PushClient } from './push-client.js';
import { PushSender } from './push-sender.js';
import { SetSigner } from './set-signer.js';
import { SignalCauses } from './signal-causes.js';
import { SsfMetadataController } from './ssf-metadata.controller.js';
import { SignalStream } from './stream.entity.js';
import { StreamsController } from './streams.controller.js';
import { StreamsService } from './streams.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([SignalStream]), ClientsModule, KeysModule],
  controllers: [StreamsController, PollController, SsfMetadataController],
  providers: [StreamsService, DeliveryService, Outbox, SignalCauses, SetSigner, PushClient, PushSender, PollService],
})
export class SharedSignalsModule {}
