import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ClientsModule } from '../clients/clients.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { DeliveryService } from './delivery/delivery.service.js';
import { Outbox } from './delivery/outbox.js';
import { PollController } from './poll/poll.controller.js';
import { PollService } from './poll/poll.service.js';
import { PushClient } from './delivery/push-client.js';
import { PushSender } from './delivery/push-sender.js';
import { SetSigner } from './events/set-signer.js';
import { SignalCauses } from './events/signal-causes.js';
import { SsfMetadataController } from './streams/ssf-metadata.controller.js';
import { SignalStream } from './streams/stream.entity.js';
import { StreamsController } from './streams/streams.controller.js';
import { StreamsService } from './streams/streams.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([SignalStream]), ClientsModule, KeysModule],
  controllers: [StreamsController, PollController, SsfMetadataController],
  providers: [StreamsService, DeliveryService, Outbox, SignalCauses, SetSigner, PushClient, PushSender, PollService],
})
export class SharedSignalsModule {}
