import { describe, expect, it } from 'vitest';
import { bearerTokenOf } from './bearer.js';

const tokenOf = (...values: string[]) => bearerTokenOf(['Host', 'a', ...values.flatMap((v) => ['Authorization', v])]);
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
  ])('%j carries %j', (header, token) => expect(tokenOf(header)).toBe(token));

  it.each(['', 'abc.def.ghi', 'Basic YTpi', 'DPoP abc.def.ghi', 'Bearerabc', 'XBearer abc', ' Bearer abc'])(
    '%j carries none',
    (header) => expect(codeOf(header)).toBe('token_missing'),
  );

  it.each(['Bearer', 'Bearer ', 'Bearer abc ', 'Bearer abc def', 'Bearer a, Bearer b', 'Bearer =abc', 'Bearer abc\n'])(
    '%j carries what is no token',
    (header) => expect(codeOf(header)).toBe('token_invalid'),
  );

  it('is missing', () => expect(codeOf()).toBe('token_missing'));

  it('stands once', () => {
    expect(codeOf('Bearer abc', 'Bearer abc')).toBe('token_invalid');
    expect(codeOf('Bearer abc', 'Basic abc')).toBe('token_invalid');
    expect(codeOf('Basic abc', 'Bearer abc')).toBe('token_invalid');
  });

  it('has a name in any case, and a value of any name is none', () => {
    expect(bearerTokenOf(['aUTHORIZATION', 'Bearer abc'])).toBe('abc');
    expect(() => bearerTokenOf(['X-Real', 'authorization', 'Bearer abc', 'x'])).toThrow('required');
  });
});
