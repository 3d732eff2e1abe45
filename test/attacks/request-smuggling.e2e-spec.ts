import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';
import { sendRaw } from './raw-http.js';

const SMUGGLED = 'GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n';
const BODY = '{"email":"a@example.com","password":"x"}';

/** Framings of which a proxy and a server could each believe another one (RFC 9112 6.1, 6.3, 11.2). */
const AMBIGUOUS: Record<string, string> = {
  'two different lengths': `Content-Length: 0\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`,
  'two equal lengths': `Content-Length: ${BODY.length}\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
  'a list of lengths': `Content-Length: 0, ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`,
  'length and chunks': `Content-Length: ${SMUGGLED.length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'chunks and length': `Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'an unknown encoding': `Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'chunks that are not last': `Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'chunks after no encoding': `Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'chunks of something else': `Transfer-Encoding: gzip,chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'chunks of chunks': `Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'chunks twice': `Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'no encoding': `Transfer-Encoding: identity\r\n\r\n${SMUGGLED}`,
  'an encoding in quotes': `Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'a space before the colon': `Content-Length : ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`,
  'a space before the name': ` Content-Length: 5\r\n\r\n${SMUGGLED}`,
  'a folded line': `Transfer-Encoding:\r\n chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'a negative length': `Content-Length: -1\r\n\r\n${SMUGGLED}`,
  'a length with a sign': `Content-Length: +5\r\n\r\nGET /${SMUGGLED}`,
  'a hexadecimal length': `Content-Length: 0x5\r\n\r\nGET /${SMUGGLED}`,
  'a length beyond all numbers': `Content-Length: 18446744073709551617\r\n\r\n${SMUGGLED}`,
  'a bare CR in a value': `X: a\rContent-Length: 0\r\n\r\n${SMUGGLED}`,
  'a NUL in a value': `X: a\0b\r\n\r\n${SMUGGLED}`,
  'a NUL in a name': `X\0: a\r\n\r\n${SMUGGLED}`,
  'a chunk size with a sign': `Transfer-Encoding: chunked\r\n\r\n+0\r\n\r\n${SMUGGLED}`,
  'a chunk size in hexadecimal': `Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n${SMUGGLED}`,
  'a chunk longer than it says': `Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n${SMUGGLED}`,
  'a chunk size beyond all numbers': `Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n${SMUGGLED}`,
};

describe('smuggling a request past a proxy', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start()));
  afterAll(() => app.close());
  afterEach(async () => expect((await app.http.get('/health/live')).status).toBe(200));

  const send = (request: string[] | string) => sendRaw(app.http.baseUrl, request);
  const START = 'POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';

  it('two requests that are plainly two get two answers, so that this test can fail', async () => {
    const honest = `${START}Content-Length: ${BODY.length}\r\n\r\n${BODY}${SMUGGLED}`;
    expect(await send(honest)).toMatchObject({ status: 401, answers: 2 });
  });

  it.each(Object.keys(AMBIGUOUS))('%s: one refusal, then the connection is closed', async (name) => {
    const { status, answers, head, body } = await send(START + AMBIGUOUS[name]!);
    expect({ status, answers }).toEqual({ status: 400, answers: 1 });
    expect(head).toMatch(/^connection: close$/im);
    expect(head).toMatch(/^content-type: application\/problem\+json(?:;|$)/im);
    expect(body).not.toContain('"status":"ok"');
  });

  it.each([
    ['two Hosts', 'GET /health/live HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n'],
    ['no Host', 'GET /health/live HTTP/1.1\r\n'],
    ['two credentials', 'GET /auth/me HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n'],
    ['HTTP/0.9', 'GET /health/live HTTP/0.9\r\nHost: localhost\r\n'],
    ['HTTP/2.0', 'GET /health/live HTTP/2.0\r\nHost: localhost\r\n'],
    ['chunks by HTTP/1.0', 'POST /auth/login HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n'],
    ...['a b', 'a@b', 'a/b', 'a?b', 'a#b', 'a,b:1:2', '[::1', 'a\\b', '"a"', 'a:b', '<a>', 'ä'].map((host) => [
      `the Host ${host}`,
      `GET /health/live HTTP/1.1\r\nHost: ${host}\r\n`,
    ]),
  ])('%s: refused once, and the connection is closed', async (_, beginning) => {
    const plain = await send(`${beginning}\r\n${SMUGGLED}`);
    expect({ status: plain.status, answers: plain.answers }).toEqual({ status: 400, answers: 1 });
    expect(plain.head).toMatch(/^connection: close$/im);
    const verdict = await send(`${beginning.replace(/ \S+/, ' /gateway/verify')}\r\n${SMUGGLED}`);
    expect({ status: verdict.status, answers: verdict.answers }).toEqual({ status: 403, answers: 1 });
    expect(verdict.head).toMatch(/^connection: close$/im);
  });

  it.each(['localhost', 'auth.example.com:8443', 'auth_service:3000', '127.0.0.1', '[::1]:3000', 'a.', ''])(
    'the Host %j is fine',
    async (host) => {
      expect((await send(['GET /health/live HTTP/1.1', `Host: ${host}`, 'Connection: close'])).status).toBe(200);
    },
  );

  it('more than one Host, or none, is refused', async () => {
    const rest = ['Connection: close'];
    const hosts = [
      ['Host: localhost', 'Host: localhost'],
      ['Host: localhost', 'host: evil.example'],
      ['HOST: a', 'Host: b', 'X: c'],
      [],
    ];
    for (const headers of hosts) {
      const { status, head, body } = await send(['GET /auth/me HTTP/1.1', ...headers, ...rest]);
      expect(status, headers.join()).toBe(400);
      if (headers.length > 0) expect(body).toContain('"code":"duplicate_header"');
      expect(head).not.toMatch(/^(server|x-powered-by):/im);
    }
  });

  it('another Host moves no link', async () => {
    for (const host of ['evil.example', 'localhost@evil.example', 'localhost:80@evil.example', '"><script>', '']) {
      const { status, body } = await send([
        'GET /.well-known/openid-configuration HTTP/1.1',
        `Host: ${host}`,
        'Connection: close',
      ]);
      expect(status).toBeLessThan(500);
      expect(body).not.toMatch(/evil|script/);
    }
  });

  it('what is no HTTP at all is refused and its connection closed', async () => {
    const texts = [
      '\r\n\r\n\0\0\0',
      'GET\r\n\r\n',
      'GET /\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      'GET  /  HTTP/1.1\r\n\r\n',
      'HELO localhost\r\n\r\n',
      '\x16\x03\x01\x02\0\x01\0',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      'GET / HTTP/1.1\nHost: a\n\n\0',
    ];
    for (const text of texts) {
      const { status } = await send(text);
      expect([0, 400, 404, 505], JSON.stringify(text)).toContain(status);
    }
  });

  it('a header of more than 16 kB is refused with a problem', async () => {
    const long = 'a'.repeat(17_000);
    for (const line of [`X-Long: ${long}`, `${long}: x`, `Cookie: ${long}`, `Authorization: Bearer ${long}`]) {
      const { status, body } = await send(['GET /auth/me HTTP/1.1', 'Host: localhost', line]);
      expect(status).toBe(431);
      expect(body).toContain('"code":"header_too_large"');
    }
    const { status } = await send([`GET /${long} HTTP/1.1`, 'Host: localhost', 'Connection: close']);
    expect([414, 431]).toContain(status);
    const many = Array.from({ length: 3_000 }, (_, index) => `X${index}: 1`);
    expect((await send(['GET /auth/me HTTP/1.1', 'Host: localhost', ...many])).status).toBe(431);
  });
});
