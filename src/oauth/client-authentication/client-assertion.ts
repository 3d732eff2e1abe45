import { createHash } from 'node:crypto';
import { isClientId } from '../../clients/client-credential.js';
import { AppError } from '../../common/errors.js';
import { foreignClaimsOf, isTimely } from '../assertions/foreign-claims.js';
import { foreignJwtOf, type ForeignJwt } from '../../jose/foreign-jwt.js';

/** RFC 7523 2.2. */
export const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Seconds: it is made for one request. */
const LONGEST_LIFE = 5 * 60;
const MAX_ID_LENGTH = 256;
// draft-ietf-oauth-rfc7523bis 2: a type of its own, so that no other JWT is taken for one. Libraries do not write it yet.
const TYPES = new Set([null, 'jwt', 'client-authentication+jwt']);

/** What a client says of itself, signed by its key; whether it is its key is a question for its record. */
export interface ClientAssertion {
  readonly clientId: string;
  readonly id: string;
  /** Seconds: from then on it is refused for its age. */
  readonly expiresAt: number;
  readonly jwt: ForeignJwt;
}

const refuse = (detail: string): never => {
  throw new AppError('invalid_client', { detail });
};

/**
 * The assertion of a client (RFC 7523 3), but for its signature and for having been used before. `audiences` are the names
 * under which the service is meant, `now` is in seconds. Throws `invalid_client` with what is wrong, which says nothing
 * about any client.
 */
export function clientAssertionOf(text: string, audiences: readonly string[], now: number): ClientAssertion {
  const jwt = foreignJwtOf(text) ?? refuse('the assertion must be a JWT that is signed by an asymmetric key');
  const claims = foreignClaimsOf(jwt.claims);
  if (!claims) return refuse('iss, sub, aud or exp is missing, or a claim is of another type');
  if (!TYPES.has(jwt.type)) refuse('typ must be client-authentication+jwt, or JWT');
  if (claims.issuer !== claims.subject || !isClientId(claims.subject)) refuse('iss and sub must be the client_id');
  // One audience, and as a text: an assertion that others may present as well is none.
  if (jwt.claims['aud'] !== claims.audiences[0] || !audiences.includes(claims.audiences[0]!)) {
    refuse(`aud must be ${audiences[0]}`);
  }
  if (!isTimely(claims, now, LONGEST_LIFE)) refuse(`exp must lie ahead, by ${LONGEST_LIFE} seconds at most`);
  if (claims.id === null || claims.id.length > MAX_ID_LENGTH) return refuse('jti is missing, or too long');
  return { clientId: claims.subject, id: claims.id, expiresAt: claims.expiresAt, jwt };
}

/** What to remember of an assertion that was used. Ids are a client's own: nobody can use up those of another. */
export const markOf = ({ clientId, id }: ClientAssertion): Buffer =>
  createHash('sha256').update(`${clientId}.${id}`).digest();
