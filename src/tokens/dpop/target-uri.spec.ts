import { describe, expect, it } from 'vitest';
import { targetUriOf } from './target-uri.js';

describe('a target URI', () => {
  it.each([
    ['https://auth.example.com/a/b', 'https://auth.example.com/a/b'],
    // RFC 9449 4.3 (9): without query and fragment.
    ['https://auth.example.com/a?b=c#d', 'https://auth.example.com/a'],
    ['https://auth.example.com/a#?d', 'https://auth.example.com/a'],
    ['https://auth.example.com?b', 'https://auth.example.com/'],
    // RFC 3986 6.2.2.1: case.
    ['HTTPS://AUTH.example.COM/A', 'https://auth.example.com/A'],
    ['https://auth.example.com/%c3%a9', 'https://auth.example.com/%C3%A9'],
    // 6.2.2.2: percent-encoding.
    ['https://auth.example.com/%61%2D%7e%5f', 'https://auth.example.com/a-~_'],
    ['https://auth.example.com/a%2fb', 'https://auth.example.com/a%2Fb'],
    // 6.2.2.3: dot segments.
    ['https://auth.example.com/a/./b/../c', 'https://auth.example.com/a/c'],
    ['https://auth.example.com/a/%2e%2e/c', 'https://auth.example.com/c'],
    // 6.2.3: scheme.
    ['https://auth.example.com', 'https://auth.example.com/'],
    ['https://auth.example.com:443/a', 'https://auth.example.com/a'],
    ['http://auth.example.com:80/a', 'http://auth.example.com/a'],
    ['https://auth.example.com:80/a', 'https://auth.example.com:80/a'],
    ['http://[2001:DB8::1]:8080/a', 'http://[2001:db8::1]:8080/a'],
  ])('%s is %s', (uri, normal) => expect(targetUriOf(uri)).toBe(normal));

  it.each([
    ['https://auth.example.com/a', 'https://auth.example.com/a/'],
    ['https://auth.example.com/a', 'https://auth.example.com/A'],
    ['https://auth.example.com/a', 'http://auth.example.com/a'],
    ['https://auth.example.com/a/b', 'https://auth.example.com/a%2Fb'],
    ['https://auth.example.com/a', 'https://auth.example.com//a'],
    ['https://auth.example.com/a', 'https://auth.example.com./a'],
  ])('%s is not %s', (one, other) => expect(targetUriOf(one)).not.toBe(targetUriOf(other)));

  it.each([
    '',
    '/a',
    '//auth.example.com/a',
    'auth.example.com/a',
    'ftp://auth.example.com/a',
    'https:/auth.example.com/a',
    'https:auth.example.com/a',
    'https:///a',
    'https://user@auth.example.com/a',
    'https://user:word@auth.example.com/a',
    'https://auth.example.com\\a',
    'https:\\\\auth.example.com/a',
    'https://auth.example.com/a\\b',
    ' https://auth.example.com/a',
    'https://auth.example.com/a ',
    'https://auth.example.com/a\n',
    'https://auth.exa\tmple.com/a',
    'https://auth.example.com/é',
    'https://auth.example.com:99999/a',
  ])('%j is none', (uri) => expect(targetUriOf(uri)).toBeNull());
});
