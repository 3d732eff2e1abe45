import type { FastifyRequest } from 'fastify';
import { AppError } from '../common/errors.js';

type Headers = FastifyRequest['headers'];

const BEARER = /^Bearer +(\S+)$/i;
const BEARER_OR_DPOP = /^(?:Bearer|DPoP) +(\S+)$/i;

const tokenOf = (form: RegExp, { authorization }: Headers): string | null =>
  authorization === undefined ? null : (form.exec(authorization)?.[1] ?? null);

/** Returns the token of an `Authorization: Bearer` header (RFC 6750 2.1), or null. No other place is looked at. */
export const bearerTokenOf = (request: { headers: Headers }): string | null => tokenOf(BEARER, request.headers);

/**
 * Returns the token of that header or of `Authorization: DPoP` (RFC 9449 7.1), or null. The token decides which of the
 * two it must be.
 */
export const accessTokenOf = (request: { headers: Headers }): string | null => tokenOf(BEARER_OR_DPOP, request.headers);

/** Returns the refusal of a request that brings no token, where one is required. */
export const missingToken = ({ authorization }: Headers): AppError =>
  new AppError('token_missing', {
    ...(authorization !== undefined && {
      reason: 'Authorization: expected Bearer or DPoP and one token, found another form',
    }),
  });

/** Tells whether an `Authorization` header says that its token is bound to a key. */
export const usesDpop = ({ authorization }: Headers): boolean =>
  authorization !== undefined && /^DPoP /i.test(authorization);
