import { Global, Module } from '@nestjs/common';
import { ClusterBus } from './cluster-bus.js';
import { TransactionalEvents } from './transactional-events.js';

@Global()
@Module({ providers: [TransactionalEvents, ClusterBus], exports: [TransactionalEvents, ClusterBus] })
export class EventsModule {}
