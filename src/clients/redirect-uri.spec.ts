import { describe, expect, it } from 'vitest';
import { faultOfRedirectUri, formActionOf, isRegistered } from './redirect-uri.js';

describe('the form of a redirect URI', () => {
  it.each([
    ['https://app.example/callback', 'web'],
    ['https://app.example', 'web'],
    ['https://app.example:8443/a/b?tenant=1', 'web'],
    ['http://localhost:5173/callback', 'web'],
    ['http://127.0.0.1/callback', 'native'],
    ['http://[::1]:4711/callback', 'native'],
    ['com.example.app:/callback', 'native'],
  ] as const)('%s may be registered (%s)', (uri, type) => expect(faultOfRedirectUri(uri, type)).toBeNull());

  it.each([
    ['http://app.example/callback', 'web'],
    ['https://app.example/callback#here', 'web'],
    ['https://*.app.example/callback', 'web'],
    ['https://user@app.example/callback', 'web'],
    ['https://user:secret@app.example/', 'web'],
    ['https://app.example/a/../callback', 'web'],
    ['https://APP.example/callback', 'web'],
    ['https://app.example:443/callback', 'web'],
    ['https:app.example', 'web'],
    ['https://app.example\\@other.example/', 'web'],
    ['https://app.example/a b', 'web'],
    ['https://äpp.example/', 'web'],
    ['com.example.app:/callback', 'web'],
    ['javascript:alert(1)', 'native'],
    ['javascript:alert(1)', 'web'],
    ['data:text/html,hello', 'native'],
    ['myapp:/callback', 'native'],
    ['com.example.app://callback', 'native'],
    ['/callback', 'web'],
    ['', 'web'],
  ] as const)('%s may not (%s)', (uri, type) => expect(faultOfRedirectUri(uri, type)).not.toBeNull());
});

describe('the comparison of redirect URIs', () => {
  const web = ['https://app.example/callback', 'http://127.0.0.1/callback'];

  it.each([
    'https://app.example/callback/',
    'https://app.example/callback?x=1',
    'https://app.example/Callback',
    'https://APP.example/callback',
    'https://app.example:443/callback',
    'https://app.example.evil.example/callback',
    'https://app.example@evil.example/callback',
    'https://app.example/callback#',
    'https://app.example/x/../callback',
    'https://app.example/callback/..;/evil',
    'https://app.example/%63allback',
    'https://app.example%252f@evil.example/callback',
    'http://app.example/callback',
    'http://127.0.0.1:8080/callback',
  ])('%s is another one', (uri) => expect(isRegistered(uri, web, 'web')).toBe(false));

  it('takes any port of the loopback interface, for native applications alone', () => {
    expect(isRegistered('http://127.0.0.1:8080/callback', web, 'native')).toBe(true);
    expect(isRegistered('http://127.0.0.1:65535/callback', web, 'native')).toBe(true);
    for (const uri of [
      'http://127.0.0.1:65536/callback',
      'http://127.0.0.1:80@evil.example/callback',
      'http://127.0.0.1.evil.example/callback',
      'http://localhost:8080/callback',
      'http://[::1]:8080/callback',
      'http://127.0.0.1:8080/other',
      'http://127.0.0.1:8080/callback\n',
      'https://app.example:8443/callback',
    ])
      expect(isRegistered(uri, web, 'native'), uri).toBe(false);
  });
});

it('a form may lead to the origin of the answer, or to its scheme', () => {
  expect(formActionOf('https://app.example:8443/callback')).toBe('https://app.example:8443');
  expect(formActionOf('com.example.app:/callback')).toBe('com.example.app:');
});
