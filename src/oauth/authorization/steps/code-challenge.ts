import { createHash } from 'node:crypto';
import type { RegisteredClient } from '../../../clients/client-directory.js';
import { AppError } from '../../../common/errors.js';
import type { AuthorizationParametersDto } from '../authorization.dto.js';

/** 32 bytes in base64url, as S256 makes them. */
const CHALLENGE = /^[\w-]{42}[AEIMQUYcgkosw048]$/;
/** RFC 7636 4.1. */
const VERIFIER = /^[\w.~-]{43,128}$/;

/** Returns the code challenge. Throws `invalid_request` where one is missing, or not by S256 (RFC 9700 2.1.1). */
export function challengeOf(
  { code_challenge: challenge, code_challenge_method: method }: AuthorizationParametersDto,
  { requirePkce }: Pick<RegisteredClient, 'requirePkce'>,
): string | null {
  if (challenge === undefined) {
    if (requirePkce || method !== undefined) throw refusal('code_challenge is missing (RFC 7636)');
    return null;
  }
  // RFC 7636 4.3: the default is `plain`, which a reader of the request can answer.
  if (method !== 'S256') throw refusal('code_challenge_method must be S256');
  if (!CHALLENGE.test(challenge)) throw refusal('code_challenge must be 43 characters of base64url');
  return challenge;
}

/**
 * Tells whether a code verifier belongs to the challenge (RFC 7636 4.6). Without a challenge there must be no verifier: a
 * client that sends one has sent a challenge too, which somebody has taken away (RFC 9700 4.8.2).
 */
export function answersChallenge(challenge: string | null, verifier: string | undefined): boolean {
  if (challenge === null || verifier === undefined) return challenge === null && verifier === undefined;
  return VERIFIER.test(verifier) && createHash('sha256').update(verifier).digest('base64url') === challenge;
}

const refusal = (detail: string): AppError => new AppError('invalid_request', { detail });
