import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { faultOfKeySet, keySetOf } from './key-set.js';
import type { Jwk } from './public-key.js';

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = (kid?: string): Jwk => ({ ...pair.publicKey.export({ format: 'jwk' }), ...(kid !== undefined && { kid }) });

describe('the keys of a set', () => {
  it('are those that can verify', () => {
    const set = { keys: [key('a'), { kty: 'oct', k: 'c2VjcmV0' }, { kty: 'PQC' }, null, 'b', key('c')] };
    expect(keySetOf(set)?.map(({ kid }) => kid)).toEqual(['a', 'c']);
  });

  it('may be none', () => expect(keySetOf({ keys: [] })).toEqual([]));

  it('are not read without end', () => {
    const set = { keys: Array.from({ length: 100 }, (_, index) => key(String(index))) };
    expect(keySetOf(set)).toHaveLength(32);
  });

  it.each([null, [], 'keys', {}, { keys: {} }, { keys: null }])('are not in %j', (value) =>
    expect(keySetOf(value)).toBeNull(),
  );
});

describe('a set that is registered', () => {
  it.each([
    ['one key without a name', { keys: [key()] }],
    ['keys by their names', { keys: [key('a'), key('b')] }],
    ['ten keys', { keys: Array.from({ length: 10 }, (_, index) => key(String(index))) }],
  ])('is good with %s', (_, set) => expect(faultOfKeySet(set)).toBeNull());

  it.each([
    ['no set', [key()], /JWK Set/],
    ['no keys', { keys: [] }, /JWK Set/],
    ['what is no key', { keys: [null] }, /JWK Set/],
    ['too many keys', { keys: Array.from({ length: 11 }, (_, index) => key(String(index))) }, /1 to 10/],
    ['a private key', { keys: [pair.privateKey.export({ format: 'jwk' })] }, /private/],
    ['a private key among others', { keys: [key('a'), { ...key('b'), d: '' }] }, /private/],
    ['a secret', { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }, /private/],
    ['a key of another kind', { keys: [key('a'), { kty: 'PQC', kid: 'b' }] }, /kinds/],
    ['two keys of one name', { keys: [key('a'), key('a')] }, /kid/],
    ['a name that no database keeps', { keys: [key('a\0')] }, /well-formed/],
    ['a member of half a character', { keys: [{ ...key('a'), x5u: ['\ud800'] }] }, /well-formed/],
    ['a member of such a name', { keys: [{ ...key('a'), '\0': 1 }] }, /well-formed/],
    ['several keys, one without a name', { keys: [key('a'), key()] }, /kid/],
  ])('is not, with %s', (_, set, fault) => expect(faultOfKeySet(set)).toMatch(fault));
});
