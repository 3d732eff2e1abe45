import { createHash } from 'node:crypto';
import { isClientId } from '../../clients/client-credential.js';
import { AppError } from '../../common/errors.js';
import { foreignClaimsOf, isTimely } from '../assertions/foreign-claims.js';
import { foreignJwtOf, type ForeignJwt } from '../../jose/foreign-jwt.js';

/** RFC 7523 2.2. */
export const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** The longest life of an assertion, in seconds. A client makes one for each request. */
const LONGEST_LIFE = 5 * 60;
const MAX_ID_LENGTH = 256;
// draft-ietf-oauth-rfc7523bis 2: a type of its own, so that no other JWT is accepted as an assertion. Libraries do not
// write it yet.
const TYPES = new Set([null, 'jwt', 'client-authentication+jwt']);

/** The parsed assertion of a client. Its signature has still to be verified with the client's registered key. */
export interface ClientAssertion {
  readonly clientId: string;
  readonly id: string;
  /** Seconds since the epoch, from when it is refused for its age. */
  readonly expiresAt: number;
  readonly jwt: ForeignJwt;
}

const refuse = (detail: string): never => {
  throw new AppError('invalid_client', { detail });
};

/**
 * Parses and checks the assertion of a client (RFC 7523 3), except its signature and whether it was used before.
 * `audiences` are the names of this service, `now` is in seconds. Throws `invalid_client` with the fault, which tells
 * nothing about any client.
 */
export function clientAssertionOf(text: string, audiences: readonly string[], now: number): ClientAssertion {
  const jwt = foreignJwtOf(text) ?? refuse('the assertion must be a JWT that is signed by an asymmetric key');
  const claims = foreignClaimsOf(jwt.claims);
  if (!claims) return refuse('iss, sub, aud or exp is missing, or a claim is of another type');
  if (!TYPES.has(jwt.type)) refuse('typ must be client-authentication+jwt, or JWT');
  if (claims.issuer !== claims.subject || !isClientId(claims.subject)) refuse('iss and sub must be the client_id');
  // Exactly one audience, as a string: an assertion that others could present as well is refused.
  if (jwt.claims['aud'] !== claims.audiences[0] || !audiences.includes(claims.audiences[0]!)) {
    refuse(`aud must be ${audiences[0]}`);
  }
  if (!isTimely(claims, now, LONGEST_LIFE)) refuse(`exp must lie ahead, by ${LONGEST_LIFE} seconds at most`);
  if (claims.id === null || claims.id.length > MAX_ID_LENGTH) return refuse('jti is missing, or too long');
  return { clientId: claims.subject, id: claims.id, expiresAt: claims.expiresAt, jwt };
}

/**
 * Returns a hash by which a used assertion is remembered. It covers the client, so that nobody can use up the ids of
 * another client.
 */
export const markOf = ({ clientId, id }: ClientAssertion): Buffer =>
  createHash('sha256').update(`${clientId}.${id}`).digest();
