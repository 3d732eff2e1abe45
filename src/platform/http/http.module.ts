import { Global, Module } from '@nestjs/common';
import { AnswerLimit } from './answer-limit.js';
import { ConnectionDrain } from './connection-drain.js';
import { FrontPageController } from './front-page.controller.js';
import { ProblemsController } from './problems/problems.controller.js';

@Global()
@Module({
  controllers: [FrontPageController, ProblemsController],
  providers: [ConnectionDrain, AnswerLimit],
  exports: [ConnectionDrain, AnswerLimit],
})
export class HttpModule {}
