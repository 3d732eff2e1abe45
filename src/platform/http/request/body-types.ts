import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../../../common/errors.js';
import { parseJson, UnsoundJson } from '../../../common/json.js';

export const BODY_LIMIT = 64 * 1024;

/** A kind of body that routes may declare: its media type and its parser. `parse` throws an `AppError`. */
export interface BodyType {
  readonly mediaType: string;
  readonly parse: (body: Buffer) => unknown;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The one kind of body that the route reads; JSON by default. */
    bodyType?: BodyType;
  }
}

/** JSON in UTF-8. An empty body counts as none, because many clients send one with DELETE. */
const JSON_BODY: BodyType = {
  mediaType: 'application/json',
  parse(body) {
    if (body.length === 0) return undefined;
    if (!isUtf8(body)) throw new AppError('malformed_json', { detail: 'the body is not UTF-8' });
    try {
      // RFC 8259 8.1: a byte order mark may be ignored, and some clients send one.
      return parseJson(body.toString().replace(/^\uFEFF/, ''));
    } catch (cause) {
      throw new AppError('malformed_json', { cause, ...(cause instanceof UnsoundJson && { detail: cause.message }) });
    }
  },
};

/** Makes each route read the kind of body that it declares, and refuse every other with `unsupported_media_type`. */
export function acceptDeclaredBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  accept(fastify, JSON_BODY.mediaType);
  fastify.addHook('onRoute', ({ config }) => {
    const declared = config?.bodyType?.mediaType;
    if (declared !== undefined && !fastify.hasContentTypeParser(declared)) accept(fastify, declared);
  });
}

function accept(fastify: FastifyInstance, mediaType: string): void {
  const options = { parseAs: 'buffer', bodyLimit: BODY_LIMIT } as const;
  fastify.addContentTypeParser(mediaType, options, (request: FastifyRequest, body: Buffer, done) => {
    const { bodyType = JSON_BODY } = request.routeOptions.config;
    let parsed: unknown;
    try {
      if (bodyType.mediaType !== mediaType) throw new AppError('unsupported_media_type');
      parsed = bodyType.parse(body);
    } catch (error) {
      return done(error as AppError);
    }
    done(null, parsed);
  });
}
