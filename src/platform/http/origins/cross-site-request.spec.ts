import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from 'vitest';
import { crossSiteFaultOf } from './cross-site-request.js';

const OWN = 'https://auth.example.com';
const LISTED = 'https://app.example.com';
const isPageOfOurs = (origin: string) => [OWN, LISTED].includes(origin);
const JSON_BODY = { 'content-type': 'application/json', 'content-length': '2' };
const faultOf = (method: string | null, headers: IncomingHttpHeaders) =>
  crossSiteFaultOf(method, headers, isPageOfOurs);

describe('a request that changes nothing', () => {
  it.each(['GET', 'HEAD', 'OPTIONS'])('passes by %s from wherever', (method) => {
    for (const site of [undefined, 'same-origin', 'same-site', 'cross-site', 'none']) {
      expect(faultOf(method, { 'sec-fetch-site': site, origin: 'https://evil.example' })).toBeNull();
    }
    expect(faultOf(method, {})).toBeNull();
  });

  it.each<IncomingHttpHeaders>([
    { upgrade: 'websocket' },
    { upgrade: 'h2c, WebSocket' },
    { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' },
    { 'sec-fetch-mode': 'websocket' },
  ])('is not a handshake: %j', (handshake) => {
    expect(faultOf('GET', handshake)).toBe('origin');
    expect(faultOf('GET', { ...handshake, origin: 'https://evil.example.com' })).toBe('origin');
    expect(faultOf('GET', { ...handshake, 'sec-fetch-site': 'same-site', origin: LISTED })).toBeNull();
    expect(faultOf('GET', { ...handshake, 'sec-fetch-site': 'same-origin' })).toBeNull();
  });
});

describe.each(['POST', 'PUT', 'PATCH', 'DELETE', 'QUERY', 'TRACE', 'get', 'GET, POST', ''])(
  'a request by %j',
  (method) => {
    it.each<[string | undefined, string | undefined, boolean]>([
      ['same-origin', undefined, true],
      ['same-origin', OWN, true],
      // The gateway's own origin need not be in a list: the browser knows the target of its request.
      ['same-origin', 'https://shop.example.com', true],
      ['same-site', LISTED, true],
      ['cross-site', LISTED, true],
      [undefined, OWN, true],
      [undefined, LISTED, true],
      [undefined, undefined, false],
      ['same-site', undefined, false],
      ['cross-site', undefined, false],
      ['none', undefined, false],
      ['', undefined, false],
      ['Same-Origin', undefined, false],
      ['same-origin, cross-site', undefined, false],
      ['same-site', 'https://evil.example.com', false],
      ['cross-site', 'https://evil.example', false],
      ['cross-site', 'null', false],
      [undefined, 'null', false],
      [undefined, '', false],
      [undefined, '*', false],
      [undefined, 'https://evil.example', false],
      [undefined, 'http://app.example.com', false],
      [undefined, `${LISTED}:444`, false],
      [undefined, `${LISTED}/`, false],
      [undefined, `${LISTED}.evil.example`, false],
      [undefined, `https://evil.example, ${LISTED}`, false],
      [undefined, 'HTTPS://APP.EXAMPLE.COM', false],
    ])('from site %j, origin %j: %s', (site, origin, passes) => {
      expect(faultOf(method, { ...JSON_BODY, 'sec-fetch-site': site, origin })).toBe(passes ? null : 'origin');
    });

    it.each<[IncomingHttpHeaders, boolean]>([
      [{}, true],
      [{ 'content-length': '0' }, true],
      [{ 'content-type': 'application/json' }, true],
      [{ 'content-type': 'Application/JSON; charset=utf-8', 'content-length': '9' }, true],
      [{ 'content-type': 'application/merge-patch+json', 'transfer-encoding': 'chunked' }, true],
      [{ 'content-length': '1' }, false],
      [{ 'transfer-encoding': 'chunked' }, false],
      [{ 'content-type': '' }, false],
      [{ 'content-type': 'text/plain' }, false],
      [{ 'content-type': 'text/plain; application/json' }, false],
      [{ 'content-type': 'text/plain;charset=application/json' }, false],
      [{ 'content-type': 'application/jsonp' }, false],
      [{ 'content-type': 'application/json, text/plain' }, false],
      [{ 'content-type': 'application/x-www-form-urlencoded' }, false],
      [{ 'content-type': 'multipart/form-data; boundary=x+json' }, false],
    ])('with %j: %s', (headers, passes) => {
      for (const source of [{ 'sec-fetch-site': 'same-origin' }, { origin: LISTED }]) {
        expect(faultOf(method, { ...headers, ...source })).toBe(passes ? null : 'content_type');
      }
    });
  },
);

describe('a request by nobody knows which method', () => {
  it.each<[IncomingHttpHeaders, boolean]>([
    [{ 'sec-fetch-site': 'same-origin' }, true],
    [{ 'sec-fetch-site': 'none' }, true],
    [{ 'sec-fetch-site': 'same-site' }, false],
    [{ 'sec-fetch-site': 'cross-site' }, false],
    [{ origin: LISTED }, true],
    [{ origin: 'https://evil.example' }, false],
    [{}, false],
  ])('passes with %j: %s', (headers, passes) => expect(faultOf(null, headers)).toBe(passes ? null : 'origin'));
});
