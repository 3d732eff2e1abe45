import { Body, Controller, HttpCode, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../common/access.decorators.js';
import { ApiProblems } from '../../common/api.decorators.js';
import { TakesLong } from '../../platform/http/answer-limit.js';
import { hangUpOf } from '../../platform/http/request/hang-up.js';
import { OpenedStream, PollAccessGuard } from './poll-access.guard.js';
import { PollDto } from './poll.dto.js';
import { PollService } from './poll.service.js';
import { PollView } from './poll.view.js';
import type { SignalStream } from '../streams/stream.entity.js';

@ApiTags('Shared signals')
@Controller('shared-signals/streams/:id/poll')
export class PollController {
  constructor(private readonly polls: PollService) {}

  /**
   * Receive events (RFC 8936).
   * @remarks With the secret of the stream as the bearer token, or an access token of its service account with the scope
   * `ssf.read` or `ssf.manage`.
   */
  @Post()
  @TakesLong()
  // PollAccessGuard protects it, because the stream may have a secret of its own.
  @Public()
  @UseGuards(PollAccessGuard)
  @HttpCode(200)
  @ApiParam({ name: 'id', type: String })
  @ApiProblems(
    'invalid_request',
    'token_missing',
    'token_invalid',
    'token_revoked',
    'forbidden',
    'not_found',
    'unavailable',
  )
  poll(
    @OpenedStream() stream: SignalStream,
    @Body() request: PollDto,
    @Req() http: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PollView> {
    return this.polls.poll(stream, request, hangUpOf(http, reply));
  }
}
