import { Body, Controller, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../common/access.decorators.js';
import { ApiProblems } from '../common/api.decorators.js';
import { UuidPipe } from '../common/uuid.pipe.js';
import { bearerTokenOf } from '../platform/http/bearer.js';
import { PollDto } from './poll.dto.js';
import { PollService } from './poll.service.js';
import { PollView } from './poll.view.js';

@ApiTags('Shared signals')
@Controller('shared-signals/streams/:id/poll')
export class PollController {
  constructor(private readonly polls: PollService) {}

  /** Receive events (RFC 8936), with the secret of the stream as the bearer token. */
  @Post()
  // Not for users: the stream has a secret of its own.
  @Public()
  @HttpCode(200)
  @ApiProblems('invalid_request', 'token_missing', 'token_invalid', 'not_found', 'unavailable')
  async poll(
    @Param('id', UuidPipe) id: string,
    @Body() request: PollDto,
    @Req() http: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PollView> {
    const stream = await this.polls.authenticate(id, bearerTokenOf(http));
    const hungUp = new AbortController();
    reply.raw.once('close', () => hungUp.abort());
    return this.polls.poll(stream, request, hungUp.signal);
  }
}
