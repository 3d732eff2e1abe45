import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../../common/errors.js';
import { BODY_LIMIT } from './json-body.js';
import { isOAuthRoute } from './oauth-error.js';

/** The parameters of a form, by their names. */
export type Form = ReadonlyMap<string, string>;

/** More than any endpoint knows. */
const MAX_PARAMETERS = 100;

/** What may stand several times (RFC 8707 2, RFC 8693 2.1): the values are parted by spaces then, which none of them has. */
const REPEATABLE = new Set(['audience', 'resource']);

/**
 * Forms, for the endpoints of RFC 6749 alone: a browser sends one from any page without asking first. A parameter without
 * a value is an absent one, and none stands twice (RFC 6749 3.2).
 */
export function acceptForms(fastify: FastifyInstance): void {
  const options = { parseAs: 'buffer', bodyLimit: BODY_LIMIT } as const;
  fastify.addContentTypeParser('application/x-www-form-urlencoded', options, (request, body: Buffer, done) => {
    if (!isOAuthRoute(request)) return done(new AppError('unsupported_media_type'));
    if (!isUtf8(body)) return done(new AppError('invalid_request', { detail: 'the body is not UTF-8' }));
    const form = new Map<string, string>();
    const parameters = new URLSearchParams(body.toString());
    if (parameters.size > MAX_PARAMETERS) {
      return done(new AppError('invalid_request', { detail: `there are more than ${MAX_PARAMETERS} parameters` }));
    }
    for (const [name, value] of parameters) {
      const before = form.get(name);
      if (before !== undefined && !REPEATABLE.has(name)) {
        return done(new AppError('invalid_request', { detail: 'a parameter stands twice' }));
      }
      if (value !== '') form.set(name, before === undefined ? value : `${before} ${value}`);
    }
    done(null, form);
  });
}
