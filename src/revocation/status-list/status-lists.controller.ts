import { Controller, Get, Header, Param, Req, Res } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../common/access.decorators.js';
import { ApiProblems } from '../../common/api.decorators.js';
import { AppError } from '../../common/errors.js';
import { matchesEntityTag } from '../../platform/http/routes/representation.js';
import { Config } from '../../platform/config/config.js';
import { StatusListAggregationView } from './status-lists.view.js';
import { StatusListsService, TTL_SECONDS } from './status-lists.service.js';

const CACHE_CONTROL = `public, max-age=${TTL_SECONDS}`;
/** The number of a list, without a sign, leading zeros or a fraction, so that each list has one URL. */
const NUMBER = /^(?:0|[1-9]\d{0,4})$/;

@ApiTags('Discovery')
@Public()
@Controller('status-lists')
export class StatusListsController {
  constructor(
    private readonly config: Config,
    private readonly lists: StatusListsService,
  ) {}

  /** All Token Status Lists (Token Status List 9.3). Only with `TOKEN_STATUS=true`. */
  @Get()
  @Header('Cache-Control', CACHE_CONTROL)
  @Header('Access-Control-Allow-Origin', '*')
  @ApiProblems('not_found', 'unavailable')
  async aggregation(): Promise<StatusListAggregationView> {
    this.refuseUnlessOn();
    return { status_lists: await this.lists.uris() };
  }

  /** One Token Status List. Only with `TOKEN_STATUS=true`. */
  @Get(':n')
  @Header('Cache-Control', CACHE_CONTROL)
  @Header('Access-Control-Allow-Origin', '*')
  @Header('Content-Type', 'application/statuslist+jwt')
  @ApiProduces('application/statuslist+jwt')
  @ApiProblems('not_found', 'unavailable')
  async list(
    @Param('n') n: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    this.refuseUnlessOn();
    if (!NUMBER.test(n)) throw new AppError('not_found');
    const { token, etag } = await this.lists.signedList(Number(n));
    reply.header('ETag', etag);
    if (!matchesEntityTag(request.headers['if-none-match'], etag)) return token;
    reply.code(304);
    return undefined;
  }

  private refuseUnlessOn(): void {
    if (!this.config.tokenStatus) throw new AppError('not_found');
  }
}
