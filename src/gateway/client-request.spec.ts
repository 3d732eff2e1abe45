import { describe, expect, it } from 'vitest';
import { clientRequestOf, clientUrlOf, isNavigation, isPreflight, signInLocation } from './client-request.js';

const PREFLIGHT = { origin: 'https://app.example.com', 'access-control-request-method': 'POST' };

describe('the request of the client', () => {
  const methodOf = (method: string, forwarded?: string, trusted = true) =>
    clientRequestOf(method, forwarded === undefined ? {} : { 'x-forwarded-method': forwarded }, trusted).method;

  it('is what a trusted gateway forwards', () => {
    expect(methodOf('GET', 'OPTIONS')).toBe('OPTIONS');
    expect(methodOf('GET', 'POST')).toBe('POST');
    expect(clientRequestOf('GET', { 'x-forwarded-uri': '/a?b' }, true).uri).toBe('/a?b');
  });

  it('is what it looks like otherwise', () => {
    expect(methodOf('GET', 'OPTIONS', false)).toBe('GET');
    expect(methodOf('OPTIONS')).toBe('OPTIONS');
    expect(methodOf('GET', '')).toBe('GET');
    expect(clientRequestOf('GET', { 'x-forwarded-uri': '/a?b' }, false).uri).toBeNull();
  });

  it('is not what a client forwards through a gateway that repeats its method', () => {
    expect(methodOf('POST', 'OPTIONS')).toBe('POST');
    expect(methodOf('DELETE', 'GET')).toBe('DELETE');
  });

  describe('has a URL', () => {
    const FORWARDED = {
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'api.example.com',
      'x-forwarded-uri': '/a?b',
    };
    const urlOf = (changes: Record<string, string> = {}, trusted = true) =>
      clientUrlOf(clientRequestOf('GET', { ...FORWARDED, ...changes }, trusted));

    it('that a trusted gateway forwards', () => {
      expect(urlOf()).toBe('https://api.example.com/a?b');
      expect(urlOf({ 'x-forwarded-proto': 'http', 'x-forwarded-host': '[::1]:8080' })).toBe('http://[::1]:8080/a?b');
    });

    it.each<Record<string, string>>([
      { 'x-forwarded-proto': '' },
      { 'x-forwarded-proto': 'https, http' },
      { 'x-forwarded-proto': 'ftp' },
      { 'x-forwarded-host': '' },
      { 'x-forwarded-host': 'a, b' },
      { 'x-forwarded-host': 'user@a' },
      { 'x-forwarded-host': 'a/b' },
      { 'x-forwarded-host': 'a#' },
      { 'x-forwarded-uri': '' },
      { 'x-forwarded-uri': 'a' },
      { 'x-forwarded-uri': '@evil.example/' },
    ])('or none: %j', (changes) => expect(() => urlOf(changes)).toThrow('verdict'));

    it('or none, where nobody is trusted', () => expect(() => urlOf({}, false)).toThrow('verdict'));
  });
  it.each<[string, string | undefined, boolean, boolean]>([
    ['GET', undefined, true, false],
    ['GET', '', true, false],
    ['GET', 'GET', true, true],
    ['GET', 'POST', true, true],
    ['GET', 'GET', false, false],
    // A gateway may use HEAD for all its requests, as many use GET.
    ['HEAD', undefined, true, false],
    ['HEAD', 'HEAD', true, true],
    ['HEAD', 'POST', true, false],
    ['HEAD', 'HEAD', false, false],
    ['POST', undefined, false, true],
    ['POST', 'GET', true, true],
    ['OPTIONS', undefined, false, true],
  ])(
    'by %s, forwarded as %j by a trusted one: %s, has a method that is certain: %s',
    (method, forwarded, trusted, is) =>
      expect(clientRequestOf(method, { 'x-forwarded-method': forwarded }, trusted).isMethodCertain).toBe(is),
  );

  it.each([
    ['OPTIONS', PREFLIGHT, true],
    ['OPTIONS', { origin: PREFLIGHT.origin }, false],
    ['OPTIONS', { 'access-control-request-method': 'POST' }, false],
    ['OPTIONS', { ...PREFLIGHT, 'access-control-request-method': '' }, false],
    ['OPTIONS, GET', PREFLIGHT, false],
    ['options', PREFLIGHT, false],
    ['GET', PREFLIGHT, false],
    ['POST', PREFLIGHT, false],
  ])('%s with %j is a preflight: %s', (method, headers, expected) =>
    expect(isPreflight({ method, headers, uri: null })).toBe(expected),
  );

  it.each([
    ['GET', { accept: 'text/html,*/*;q=0.8', 'sec-fetch-mode': 'navigate' }, true],
    ['HEAD', { accept: 'text/html' }, true],
    ['GET', { accept: 'text/html', 'sec-fetch-mode': 'cors' }, false],
    ['GET', { accept: '*/*' }, false],
    ['GET', {}, false],
    ['POST', { accept: 'text/html', 'sec-fetch-mode': 'navigate' }, false],
  ])('%s with %j opens a page: %s', (method, headers, expected) =>
    expect(isNavigation({ method, headers, uri: null })).toBe(expected),
  );
});

describe('the way to the sign-in page', () => {
  const location = (uri: string | null) =>
    signInLocation('https://app.example.com/sign-in', { method: 'GET', headers: {}, uri });

  it.each(['/', '/orders', '/orders/1?page=2&next=https://x.example/', '/a%2Fb', "/~x/!$&'()*+,;=:@", '/?a=//b'])(
    'leads back to %j',
    (uri) => expect(new URL(location(uri)).searchParams.get('return_to')).toBe(uri),
  );

  it.each([
    null,
    '',
    'orders',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '/x\\..\\evil.example',
    '/..//evil.example',
    '/.//evil.example',
    'https://evil.example/',
    '/\tevil',
    '/ /evil.example',
    '/é',
    '/x\r\nSet-Cookie: a=b',
    '/x#fragment',
    `/${'x'.repeat(2_000)}`,
  ])('does not lead back to %j', (uri) => expect(location(uri)).toBe('https://app.example.com/sign-in'));
});
