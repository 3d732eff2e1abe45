import { describe, expect, it } from 'vitest';
import { AppError, type AppErrorOptions, type ErrorCode } from '../../common/errors.js';
import type { Config } from '../../platform/config/config.js';
import { challengeOf, challengesOf } from './challenge.js';

const ALGS = 'algs="ES256 EdDSA Ed25519 PS256 RS256"';
const of = (code: ErrorCode, authorization?: string, options?: AppErrorOptions) =>
  challengeOf(new AppError(code, options), authorization === undefined ? {} : { authorization });

describe('a challenge', () => {
  it.each<[ErrorCode, string | undefined, string]>([
    ['token_missing', undefined, 'Bearer'],
    ['token_invalid', 'Bearer a', 'Bearer error="invalid_token"'],
    ['token_revoked', 'Bearer a', 'Bearer error="invalid_token", error_description="revoked"'],
    ['token_missing', 'DPoP ', `DPoP ${ALGS}`],
    ['token_invalid', 'dpop a', `DPoP error="invalid_token", ${ALGS}`],
    ['token_bound', 'Bearer a', `DPoP error="invalid_token", error_description="bound to a key", ${ALGS}`],
  ])('of %s for %j is %s', (code, authorization, challenge) => expect(of(code, authorization)).toBe(challenge));

  it.each(['invalid_dpop_proof', 'use_dpop_nonce'] as const)('of %s goes with 401 alone', (code) => {
    expect(of(code, 'DPoP a', { status: 401 })).toBe(`DPoP error="${code}", ${ALGS}`);
    expect(of(code)).toBeNull();
  });

  it('of a token that lacks scopes names them', () => {
    const scopes = ['a:read', 'b'];
    expect(of('forbidden', 'Bearer a')).toBe('Bearer error="insufficient_scope"');
    expect(of('forbidden', 'Bearer a', { scopes })).toBe('Bearer error="insufficient_scope", scope="a:read b"');
    expect(of('forbidden', 'DPoP a', { scopes })).toBe(`DPoP error="insufficient_scope", scope="a:read b", ${ALGS}`);
  });

  it.each([[['a"b']], [['a', 'b\r\nX: y']], [['x'.repeat(1001)]], [Array.from({ length: 300 }, () => 'scope')]])(
    'repeats nothing that does not belong in a header: %j',
    (scopes) => expect(of('forbidden', 'Bearer a', { scopes })).toBe('Bearer error="insufficient_scope"'),
  );

  it('does not go to whoever comes with a cookie', () => expect(of('forbidden', undefined)).toBeNull());

  it.each(['csrf_refused', 'not_found', 'invalid_credentials'] as const)('does not go with %s', (code) =>
    expect(of(code, 'Bearer a')).toBeNull(),
  );

  it('of our own API names its metadata last (RFC 9728 5.1)', () => {
    const url = 'https://auth.example.com/.well-known/oauth-protected-resource';
    const own = challengesOf({ publicUrl: 'https://auth.example.com' } as Config);
    const at = (code: ErrorCode, authorization?: string) =>
      own(new AppError(code), authorization === undefined ? {} : { authorization });
    expect(at('token_missing')).toBe(`Bearer resource_metadata="${url}"`);
    expect(at('token_invalid', 'Bearer a')).toBe(`Bearer error="invalid_token", resource_metadata="${url}"`);
    expect(at('token_revoked', 'Bearer a')).toBe(
      `Bearer error="invalid_token", error_description="revoked", resource_metadata="${url}"`,
    );
    expect(at('forbidden')).toBeNull();
    expect(at('token_missing', 'DPoP ')).toBe(`DPoP ${ALGS}, resource_metadata="${url}"`);
    expect(at('invalid_client')).toBe('Basic realm="countersign"');
  });
});
