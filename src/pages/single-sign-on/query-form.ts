import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../common/errors.js';
import { OAUTH_FORM, type Form } from '../../oauth/protocol/form-body.js';

/** Reads the query of a request by the rules of forms: no parameter twice, none empty (RFC 6749 3.1). */
export const formOfQuery = ({ raw }: FastifyRequest): Form =>
  OAUTH_FORM.parse(Buffer.from(raw.url?.split('?').slice(1).join('?') ?? '')) as Form;

/** The most characters of a query: below the limit of a request's header, which the browser sends next. */
const MAX_QUERY = 12_000;

/** Sends a browser to a path with the parameters of its form in the query. Throws `invalid_request` for a form too long. */
export function redirectToQuery(path: string, { body }: FastifyRequest, reply: FastifyReply): void {
  if (!(body instanceof Map)) throw new AppError('invalid_request', { detail: 'a form is needed' });
  const query = new URLSearchParams([...(body as Form)]).toString();
  if (query.length > MAX_QUERY) throw new AppError('invalid_request', { detail: 'the form is too long' });
  void reply.redirect(`${path}?${query}`, 303);
}
