import { describe, expect, it } from 'vitest';
import { accessTokenOf, bearerTokenOf, usesDpop } from './bearer.js';

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

describe('the access token of either scheme', () => {
  it.each(['Bearer abc', 'DPoP abc', 'dpop   abc'])('%j carries it', (authorization) =>
    expect(accessTokenOf({ headers: { authorization } })).toBe('abc'),
  );

  it.each(['', 'abc', 'Basic abc', 'DPoP', 'DPoP ', 'DPoPabc', 'XDPoP abc', 'DPoP abc def', 'DPoP a, Bearer b'])(
    '%j carries none',
    (authorization) => expect(accessTokenOf({ headers: { authorization } })).toBeNull(),
  );

  it('says whether it is bound', () => {
    const uses = (authorization?: string) => usesDpop({ ...(authorization !== undefined && { authorization }) });
    expect(['DPoP a', 'dpop a', 'DPOP   a'].map(uses)).toEqual([true, true, true]);
    expect([undefined, '', 'Bearer a', 'DPoPa', 'Bearer DPoP '].map(uses)).toEqual(Array(5).fill(false));
  });
});
