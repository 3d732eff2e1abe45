import { Global, Module } from '@nestjs/common';
import { ConnectionDrain } from './connection-drain.js';
import { FrontPageController } from './front-page.controller.js';
import { ProblemsController } from './problems.controller.js';

@Global()
@Module({
  controllers: [FrontPageController, ProblemsController],
  providers: [ConnectionDrain],
  exports: [ConnectionDrain],
})
export class HttpModule {}
