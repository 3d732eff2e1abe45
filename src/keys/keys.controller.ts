import { Controller, Get, Header, Param, Req, Res } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../common/access.decorators.js';
import { ApiProblems } from '../common/api.decorators.js';
import { AppError } from '../common/errors.js';
import { matchesEntityTag } from '../platform/http/routes/representation.js';
import { KeyRing } from './key-ring.js';
import { JwksView } from './keys.view.js';

// Long enough for a CDN to help, far shorter than the time for which a key is published before it signs.
const CACHE_CONTROL = 'public, max-age=300';

@ApiTags('Discovery')
@Public()
@Controller()
export class JwksController {
  constructor(private readonly ring: KeyRing) {}

  /** The public keys that verify access tokens (RFC 7517 5). */
  @Get('.well-known/jwks.json')
  @Header('Cache-Control', CACHE_CONTROL)
  @Header('Access-Control-Allow-Origin', '*')
  jwks(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): JwksView | undefined {
    const { body, etag } = this.ring.jwks;
    reply.header('ETag', etag);
    if (matchesEntityTag(request.headers['if-none-match'], etag)) {
      reply.code(304);
      return undefined;
    }
    return body as JwksView;
  }

  /** One public key as PEM, for verifiers without JWKS. */
  @Get('keys/:kid.pem')
  @Header('Cache-Control', CACHE_CONTROL)
  @Header('Access-Control-Allow-Origin', '*')
  @Header('Content-Type', 'application/x-pem-file')
  @ApiProduces('application/x-pem-file')
  @ApiProblems('not_found')
  pem(@Param('kid') kid: string): string {
    const pem = this.ring.pem(kid);
    if (!pem) throw new AppError('not_found');
    return pem;
  }
}
