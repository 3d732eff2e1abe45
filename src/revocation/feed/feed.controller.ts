import { Controller, Get, Headers, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PublicWhile, Roles, Scopes } from '../../common/access.decorators.js';
import { ApiProblems } from '../../common/api.decorators.js';
import { invalidField } from '../../common/errors.js';
import { SCOPES } from '../../common/scopes.js';
import { Config } from '../../platform/config/config.js';
import { acceptsGzip, matchesEntityTag } from '../../platform/http/routes/representation.js';
import { FeedStreams } from './feed-streams.js';
import { FeedSigner } from './feed-signer.js';
import { FeedStreamDto, SEQ } from './feed.dto.js';

const MAX_AGE = 5;

@ApiTags('Discovery')
@PublicWhile('revocationFeed', 'open')
@Roles('admin', 'verifier')
@Scopes(SCOPES.readRevocations)
@Controller('revocations')
export class FeedController {
  constructor(
    private readonly streams: FeedStreams,
    private readonly signer: FeedSigner,
    private readonly config: Config,
  ) {}

  /** Stream what is revoked from now on, as server-sent events of signed frames. */
  @Get('stream')
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'The same as `from`; it wins.',
    schema: { type: 'string', pattern: '^[0-9]{1,15}$' },
  })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ description: 'Events, until either side ends them.', schema: { type: 'string' } })
  @ApiProblems('invalid_request', 'overloaded', 'unavailable')
  stream(
    @Query() { from, nonce }: FeedStreamDto,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): void {
    if (lastEventId !== undefined && !SEQ.test(lastEventId)) {
      throw invalidField('Last-Event-ID', 'matches', 'Last-Event-ID must be a number of the log');
    }
    const seq = lastEventId ?? from;
    if (request.method === 'HEAD') return void reply.type('text/event-stream').send();
    this.streams.open(reply, seq === undefined ? undefined : Number(seq), nonce);
  }

  /** Get everything that has been revoked while tokens of it may be alive, signed. */
  @Get('snapshot')
  @ApiProduces('application/jose')
  @ApiOkResponse({ description: 'A JWS in compact serialisation.', schema: { type: 'string' } })
  snapshot(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const { jws, gzip, etag: plain } = this.signer.snapshot();
    const gzipped = acceptsGzip(request.headers['accept-encoding']);
    // RFC 9110 8.8.3.3: another encoding is another representation, and has a tag of its own.
    const etag = gzipped ? plain.replace(/"$/, '-gzip"') : plain;
    const open = this.config.revocationFeed === 'open';
    if (open) reply.header('Access-Control-Allow-Origin', '*');
    reply.headers({
      ETag: etag,
      'Cache-Control': `${open ? 'public' : 'private'}, max-age=${MAX_AGE}`,
      Vary: [reply.getHeader('Vary'), 'Accept-Encoding'].flat().filter(Boolean).join(', '),
    });
    if (matchesEntityTag(request.headers['if-none-match'], etag)) return void reply.code(304).send();
    if (gzipped) reply.header('Content-Encoding', 'gzip');
    void reply.type('application/jose').send(gzipped ? gzip : jws);
  }
}
