import { Global, Module } from '@nestjs/common';
import { ConnectionDrain } from './connection-drain.js';
import { ProblemsController } from './problems.controller.js';

@Global()
@Module({ controllers: [ProblemsController], providers: [ConnectionDrain], exports: [ConnectionDrain] })
export class HttpModule {}
