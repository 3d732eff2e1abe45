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
    // RFC 6750 3: the characters of an error_description.
    expect(refusal.headers['WWW-Authenticate']).toMatch(
      new RegExp(
        `^Bearer realm="countersign", error="${error}", error_description="[\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e]+"$`,
      ),
    );
  });

  it('challenges in the scheme that was used, or has to be (RFC 9449 7.1)', () => {
    const challenge = (code: ConstructorParameters<typeof TokenError>[0], authorization = 'DPoP a') =>
      refusalOf(new TokenError(code), ['Authorization', authorization])!.headers['WWW-Authenticate'];
    const algs = 'algs="ES256 EdDSA Ed25519 PS256 RS256"';
    expect(challenge('token_missing', 'DPoP')).toBe(`DPoP realm="countersign", ${algs}`);
    expect(challenge('token_revoked')).toMatch(/^DPoP realm="countersign", error="invalid_token", .*algs="/);
    expect(challenge('invalid_dpop_proof')).toMatch(/^DPoP realm="countersign", error="invalid_dpop_proof", /);
    expect(challenge('token_bound', 'Bearer a')).toMatch(/^DPoP realm="countersign", error="invalid_token", /);
    expect(challenge('token_unbound', 'Bearer a')).toMatch(/^DPoP realm="countersign", error="invalid_token", /);
    expect(challenge('token_revoked', 'Bearer a')).toMatch(/^Bearer /);
  });

  it('names the metadata of the resource with 401 (RFC 9728 5.1)', () => {
    const resource = { path: '/m', metadataUrl: 'https://a.example/m', metadata: {} };
    const challenge = (code: 'token_missing' | 'insufficient_scope') =>
      refusalOf(new TokenError(code), [], resource)!.headers['WWW-Authenticate'];
    expect(challenge('token_missing')).toBe('Bearer realm="countersign", resource_metadata="https://a.example/m"');
    expect(challenge('insufficient_scope')).not.toContain('resource_metadata');
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
