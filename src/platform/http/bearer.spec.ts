import { describe, expect, it } from 'vitest';
import { bearerTokenOf } from './bearer.js';

const tokenOf = (authorization: string | undefined) => bearerTokenOf({ headers: { authorization } });

describe('the Authorization header', () => {
  it.each([
    ['Bearer abc.def.ghi', 'abc.def.ghi'],
    ['bearer abc.def.ghi', 'abc.def.ghi'],
    ['BEARER abc.def.ghi', 'abc.def.ghi'],
    ['Bearer   abc.def.ghi', 'abc.def.ghi'],
    ['Bearer csr_~+/==', 'csr_~+/=='],
  ])('%j carries %j', (header, token) => expect(tokenOf(header)).toBe(token));

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearerabc',
    'abc.def.ghi',
    'Basic YTpi',
    'DPoP abc.def.ghi',
    'Token abc',
    ' Bearer abc',
    'Bearer abc ',
    'Bearer abc def',
    'Bearer abc, Bearer def',
    'Bearer\tabc',
    'Bearer abc\n',
    'XBearer abc',
  ])('%j carries no token', (header) => expect(tokenOf(header)).toBeNull());

  it('is the only place that is looked at', () => {
    const request = {
      headers: { cookie: 'access_token=abc', 'x-access-token': 'abc' },
      query: { access_token: 'abc' },
      body: { access_token: 'abc' },
    };
    expect(bearerTokenOf(request)).toBeNull();
  });
});
