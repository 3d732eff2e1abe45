import { describe, expect, it } from 'vitest';
import { AUDIENCES, CLAIMS, ISSUER, NOW, testClaims } from '../../../test/vectors/claims.js';
import { MAX_LIFETIME, principalOf } from './claims.js';
import type { TokenError } from './errors.js';

const EXPECTED = { issuer: ISSUER, audiences: AUDIENCES, clockTolerance: 5 };

const readText = (json: string | Buffer, now = NOW) =>
  principalOf(Buffer.from(json).toString('base64url'), EXPECTED, now);
const read = (claims: unknown, now = NOW) => readText(JSON.stringify(claims) ?? '', now);
const refusalOf = (work: () => unknown): TokenError | null => {
  try {
    work();
    return null;
  } catch (error) {
    expect(error).toMatchObject({ code: 'token_invalid', cause: { check: expect.any(String) } });
    return error as TokenError;
  }
};
const accepts = (changes: Record<string, unknown>, now = NOW) =>
  refusalOf(() => read({ ...CLAIMS, ...changes }, now)) === null;

describe('claims', () => {
  testClaims((claims) => {
    const text = JSON.stringify(claims);
    return refusalOf(() => readText(text)) ? null : readText(text);
  });
});

describe('the principal', () => {
  it('cannot be changed, because others get it too', () => {
    const principal = read(CLAIMS);
    expect(() => Object.assign(principal, { subject: 'bob' })).toThrow(TypeError);
    expect(() => (principal.roles as string[]).push('admin')).toThrow(TypeError);
    expect(() => (principal.scopes as string[]).push('all')).toThrow(TypeError);
  });

  it('names everybody whom the token is meant for', () => {
    expect(read({ ...CLAIMS, aud: ['other', 'api'] })).toMatchObject({ audiences: ['other', 'api'] });
    expect(Object.isFrozen(read({ ...CLAIMS, aud: ['other', 'api'] }).audiences)).toBe(true);
  });

  it('names anybody as who acts for it (RFC 8693 4.1), and cannot be changed', () => {
    const act = { sub: 'orders', act: { sub: 'gateway' } };
    const actor = { subject: 'orders', actor: { subject: 'gateway', actor: null } };
    expect(read({ ...CLAIMS, act }).actor).toEqual(actor);
    expect(() => Object.assign(read({ ...CLAIMS, act }).actor!, { subject: 'x' })).toThrow(TypeError);
  });

  it('may come with claims that are not known here', () => expect(accepts({ status: { idx: 1 } })).toBe(true));
});

describe('the audience', () => {
  it.each<[unknown, boolean]>([
    ['api', true],
    ['orders', true],
    [['orders'], true],
    [['other', 'api'], true],
    ['other', false],
    ['API', false],
    ['api ', false],
    ['api orders', false],
    [[], false],
    [['other'], false],
    [['api', 1], false],
    [['api', ''], false],
    [{ 0: 'api', length: 1 }, false],
  ])('%j', (aud, expected) => expect(accepts({ aud })).toBe(expected));
});

describe('the times of a token', () => {
  it('begin at most the tolerance ahead of the clock', () => {
    expect(accepts({ iat: NOW + 5 })).toBe(true);
    expect(accepts({ iat: NOW + 6 })).toBe(false);
  });

  it('are at most 60 minutes apart', () => expect(MAX_LIFETIME).toBe(3600));
});

describe('a payload that the issuer would not write', () => {
  const JSON_TEXT = JSON.stringify(CLAIMS);
  const edited = (from: string, to: string) => {
    expect(JSON_TEXT).toContain(from);
    return JSON_TEXT.replace(from, to);
  };

  it('is told apart from one that it would', () => expect(readText(JSON_TEXT)).not.toBeNull());

  it.each([
    ['a claim twice', edited('"aud":"api"', '"aud":"api","aud":"api"')],
    ['a space', edited('"aud":"api"', '"aud": "api"')],
    ['a line end behind', `${JSON_TEXT}\n`],
    ['an escape that is not needed', edited('"api"', '"\\u0061pi"')],
    ['a number with an exponent', edited(`"iat":${NOW}`, '"iat":17954e5')],
    ['a number with a fraction of zero', edited(`"iat":${NOW}`, `"iat":${NOW}.0`)],
    ['a number beyond a double', edited(`"exp":${NOW + 600}`, '"exp":1e400')],
    ['a byte order mark', `\uFEFF${JSON_TEXT}`],
    ['nothing', ''],
    ['no JSON', 'claims'],
    ['half of it', JSON_TEXT.slice(0, -1)],
  ])('is refused: %s', (_, json) => expect(refusalOf(() => readText(json))?.cause?.check).toBe('payload'));

  it('is refused: bytes that are not UTF-8', () => {
    const bytes = Buffer.from(edited('alice', 'ali?e'));
    bytes[bytes.indexOf('?')] = 0xff;
    expect(refusalOf(() => readText(bytes))?.cause?.check).toBe('payload');
  });
});
