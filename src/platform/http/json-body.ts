import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../../common/errors.js';

export const BODY_LIMIT = 64 * 1024;
/** No body of ours is deeper than three; what walks a body walks it recursively. */
const MAX_DEPTH = 16;

/** JSON in UTF-8 is the one form of bodies; an empty body is no body, as many clients send with DELETE. */
export function acceptJsonOnly(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  const parse = fastify.getDefaultJsonParser('error', 'error');
  const options = { parseAs: 'buffer', bodyLimit: BODY_LIMIT } as const;
  fastify.addContentTypeParser('application/json', options, (request, body: Buffer, done) => {
    if (body.length === 0) return done(null, undefined);
    if (!isUtf8(body)) return done(new AppError('malformed_json', { detail: 'the body is not UTF-8' }));
    void parse(request, body.toString(), (cause, value) => {
      if (cause) done(new AppError('malformed_json', { cause }));
      else if (isDeeperThan(value, MAX_DEPTH))
        done(new AppError('malformed_json', { detail: 'the body is nested too deeply' }));
      else done(null, value);
    });
  });
}

function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((member) => isDeeperThan(member, depth - 1));
}
