import { describe, expect, it } from 'vitest';
import { credentialsOf, usesDpop } from './credentials.js';

const tokenOf = (...values: string[]) =>
  credentialsOf(['Host', 'a', ...values.flatMap((v) => ['Authorization', v]), 'DPoP', 'proof']).token;
const codeOf = (...values: string[]): unknown => {
  try {
    return tokenOf(...values);
  } catch (error) {
    return (error as { code: unknown }).code;
  }
};

describe('the Authorization header', () => {
  it.each([
    ['Bearer abc.def.ghi', 'abc.def.ghi'],
    ['bearer abc.def.ghi', 'abc.def.ghi'],
    ['BEARER   abc.def.ghi', 'abc.def.ghi'],
    ['Bearer -._~+/==', '-._~+/=='],
    ['DPoP abc.def.ghi', 'abc.def.ghi'],
    ['dpop   abc', 'abc'],
  ])('%j carries %j', (header, token) => expect(tokenOf(header)).toBe(token));

  it.each(['', 'abc.def.ghi', 'Basic YTpi', 'Bearerabc', 'XBearer abc', ' Bearer abc', 'DPoPabc'])(
    '%j carries none',
    (header) => expect(codeOf(header)).toBe('token_missing'),
  );

  it.each([
    'Bearer',
    'Bearer ',
    'Bearer abc ',
    'Bearer abc def',
    'Bearer a, Bearer b',
    'Bearer =abc',
    'Bearer abc\n',
    'DPoP',
    'DPoP ',
    'DPoP a b',
  ])('%j carries what is no token', (header) => expect(codeOf(header)).toBe('token_invalid'));

  it('is missing', () => expect(codeOf()).toBe('token_missing'));

  it('stands once', () => {
    expect(codeOf('Bearer abc', 'Bearer abc')).toBe('token_invalid');
    expect(codeOf('Bearer abc', 'Basic abc')).toBe('token_invalid');
    expect(codeOf('Basic abc', 'Bearer abc')).toBe('token_invalid');
  });

  it('has a name in any case, and a value of any name is none', () => {
    expect(credentialsOf(['aUTHORIZATION', 'Bearer abc']).token).toBe('abc');
    expect(() => credentialsOf(['X-Real', 'authorization', 'Bearer abc', 'x'])).toThrow('required');
  });
});

describe('the DPoP header', () => {
  const proofOf = (authorization: string, ...proofs: string[]) =>
    credentialsOf(['Authorization', authorization, ...proofs.flatMap((proof) => ['DPoP', proof])]).proof;
  const refused = (...parameters: Parameters<typeof proofOf>): unknown => {
    try {
      return proofOf(...parameters);
    } catch (error) {
      return (error as { code: unknown }).code;
    }
  };

  it('comes with a bound token, once', () => {
    expect(proofOf('DPoP abc', 'a.b.c')).toBe('a.b.c');
    expect(credentialsOf(['dpop', 'a.b.c', 'authorization', 'dpop abc'])).toEqual({ token: 'abc', proof: 'a.b.c' });
    expect(refused('DPoP abc')).toBe('invalid_dpop_proof');
    expect(refused('DPoP abc', 'a.b.c', 'a.b.c')).toBe('invalid_dpop_proof');
    expect(refused('DPoP abc', '', 'a.b.c')).toBe('invalid_dpop_proof');
  });

  it('means nothing beside a bearer token', () => expect(proofOf('Bearer abc', 'a.b.c')).toBeNull());

  it('is expected where the scheme says so', () => {
    expect(['DPoP a', 'dpop a', 'DPoP'].map((value) => usesDpop(['Authorization', value]))).toEqual([true, true, true]);
    expect(usesDpop(['Authorization', 'Bearer DPoP'])).toBe(false);
    expect(usesDpop(['DPoP', 'a.b.c'])).toBe(false);
  });
});
