import { describe, expect, it } from 'vitest';
import { settingsOf, type VerifierOptions } from './options.js';

const GIVEN: VerifierOptions = { issuer: 'https://auth.example.com', audience: 'api' };

describe('the options', () => {
  it('have defaults', () =>
    expect(settingsOf(GIVEN)).toMatchObject({
      jwksUri: 'https://auth.example.com/.well-known/jwks.json',
      streamUri: 'https://auth.example.com/revocations/stream',
      snapshotUri: 'https://auth.example.com/revocations/snapshot',
      audiences: ['api'],
      maxStaleness: 60,
      clockTolerance: 5,
      cacheSize: 10_000,
      readyTimeout: 10_000,
      revocation: true,
      tokenType: 'at+jwt',
    }));

  it('keep the issuer as it is, below a path and with a slash', () =>
    expect(settingsOf({ ...GIVEN, issuer: 'https://example.com/auth/' })).toMatchObject({
      issuer: 'https://example.com/auth/',
      jwksUri: 'https://example.com/auth/.well-known/jwks.json',
    }));

  it('may name each address', () =>
    expect(settingsOf({ ...GIVEN, snapshotUri: 'https://cdn.example.com/s' }).snapshotUri).toBe(
      'https://cdn.example.com/s',
    ));

  it.each<[string, Partial<VerifierOptions>]>([
    ['issuer', { issuer: '' }],
    ['issuer', { issuer: 'auth.example.com' }],
    ['issuer', { issuer: undefined as unknown as string }],
    ['audience', { audience: '' }],
    ['audience', { audience: [] }],
    ['audience', { audience: ['api', ''] }],
    ['audience', { audience: undefined as unknown as string }],
    ['maxStaleness', { maxStaleness: 0 }],
    ['maxStaleness', { maxStaleness: Number.NaN }],
    ['clockTolerance', { clockTolerance: -1 }],
    ['clockTolerance', { clockTolerance: 61 }],
    ['cacheSize', { cacheSize: 0 }],
    ['cacheSize', { cacheSize: 1.5 }],
    ['readyTimeout', { readyTimeout: 0 }],
    ['jwksUri', { jwksUri: '/jwks.json' }],
    ['streamUri', { streamUri: 'stream' }],
    ['snapshotUri', { snapshotUri: '' }],
  ])('are refused by name where they make no sense: %s %j', (name, options) =>
    expect(() => settingsOf({ ...GIVEN, ...options })).toThrow(new RegExp(`^${name}: `)),
  );
});
