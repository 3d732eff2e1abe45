import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../../common/errors.js';
import { parseJson, UnsoundJson } from '../../common/json.js';

export const BODY_LIMIT = 64 * 1024;

/** JSON in UTF-8 is the one form of bodies; an empty body is no body, as many clients send with DELETE. */
export function acceptJsonOnly(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  const options = { parseAs: 'buffer', bodyLimit: BODY_LIMIT } as const;
  fastify.addContentTypeParser('application/json', options, (_request, body: Buffer, done) => {
    if (body.length === 0) return done(null, undefined);
    if (!isUtf8(body)) return done(new AppError('malformed_json', { detail: 'the body is not UTF-8' }));
    try {
      // RFC 8259 8.1: a byte order mark may be ignored, and some clients send one.
      done(null, parseJson(body.toString().replace(/^\uFEFF/, '')));
    } catch (cause) {
      done(new AppError('malformed_json', { cause, ...(cause instanceof UnsoundJson && { detail: cause.message }) }));
    }
  });
}
