import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../common/errors.js';
import { OAUTH_FORM, type Form } from '../../oauth/protocol/form-body.js';

/** Reads the query of a request by the rules of forms: no parameter twice, none empty (RFC 6749 3.1). */
export const formOfQuery = ({ raw }: FastifyRequest): Form =>
  OAUTH_FORM.parse(Buffer.from(raw.url?.split('?').slice(1).join('?') ?? '')) as Form;

/** Sends a browser to a path with the parameters of its form in the query. */
export function redirectToQuery(path: string, { body }: FastifyRequest, reply: FastifyReply): void {
  if (!(body instanceof Map)) throw new AppError('invalid_request', { detail: 'a form is needed' });
  void reply.redirect(`${path}?${new URLSearchParams([...(body as Form)]).toString()}`, 303);
}
