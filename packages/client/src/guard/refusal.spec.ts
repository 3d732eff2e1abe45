import { describe, expect, it } from 'vitest';
import { TokenError, VerifierUnavailableError } from '../errors.js';
import { refusalOf } from './refusal.js';

describe('the answer to a request that is not let through', () => {
  it('asks for a token where none was sent, and names no error (RFC 6750 3.1)', () =>
    expect(refusalOf(new TokenError('token_missing'))).toEqual({
      status: 401,
      headers: {
        'Content-Type': 'application/problem+json',
        'Cache-Control': 'no-store',
        'WWW-Authenticate': 'Bearer realm="countersign"',
      },
      body: { title: 'Unauthorized', status: 401, code: 'token_missing', detail: 'An access token is required' },
    }));

  it.each([
    ['token_invalid', 401, 'invalid_token'],
    ['token_expired', 401, 'invalid_token'],
    ['token_revoked', 401, 'invalid_token'],
    ['token_stale', 401, 'invalid_token'],
    ['insufficient_role', 403, 'insufficient_scope'],
    ['insufficient_scope', 403, 'insufficient_scope'],
  ] as const)('says of %s: %i %s', (code, status, error) => {
    const refusal = refusalOf(new TokenError(code))!;
    expect(refusal).toMatchObject({ status, body: { status, code } });
    // RFC 6750 3: what an error_description may consist of.
    expect(refusal.headers['WWW-Authenticate']).toMatch(
      new RegExp(
        `^Bearer realm="countersign", error="${error}", error_description="[\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e]+"$`,
      ),
    );
  });

  it('is 503 without a word about the token where it could not be judged', () => {
    const { status, headers, body } = refusalOf(new VerifierUnavailableError('connect ECONNREFUSED 10.0.0.1'))!;
    expect(status).toBe(503);
    expect(headers).toMatchObject({ 'Retry-After': '1' });
    expect(headers).not.toHaveProperty('WWW-Authenticate');
    expect(JSON.stringify(body)).not.toContain('ECONNREFUSED');
  });

  it('leaves other errors alone', () => expect(refusalOf(new Error('mine'))).toBeNull());
});
