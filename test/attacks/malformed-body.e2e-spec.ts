import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { postRaw, sendRaw } from './raw-http.js';

describe('bodies that no client of ours would send', () => {
  let app: TestApp;
  let email: string;
  let token: string;

  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    const signedIn = await app.signedInUser();
    email = signedIn.user.email;
    token = signedIn.tokens.access_token;
  });
  afterAll(() => app.close());
  // Whatever it was, the service goes on.
  afterEach(async () => expect((await app.http.get('/auth/me', { token })).status).toBe(200));

  const post = (path: string, body: string | Buffer, contentType = 'application/json', ...headers: string[]) =>
    postRaw(app.http.baseUrl, path, body, contentType ? [`Content-Type: ${contentType}`, ...headers] : headers);
  const LOGIN = () => JSON.stringify({ email, password: PASSWORD });

  it.each([
    'text/plain',
    'text/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/json5',
    'application/jsonx',
    'application/problem+json',
    'application/merge-patch+json',
    'application/json, text/plain',
    'application/json+x',
    'xapplication/json',
    '*/*',
    'json',
    '',
  ])('media type %j: 415', async (type) => {
    const { status, body } = await post('/auth/login', LOGIN(), type);
    expect(status).toBe(415);
    expect(body).toContain('"code":"unsupported_media_type"');
  });

  it.each([
    'application/json',
    'application/json;charset=utf-8',
    'application/json; charset=UTF-8',
    'Application/JSON',
  ])('media type %j: fine', async (type) => {
    expect((await post('/auth/login', LOGIN(), type)).status).toBe(200);
  });

  it('other charsets and encodings than UTF-8 as it is: never understood', async () => {
    const utf16 = await post('/auth/login', Buffer.from(LOGIN(), 'utf16le'), 'application/json; charset=utf-16');
    expect([400, 415]).toContain(utf16.status);
    const zipped = await post('/auth/login', gzipSync(LOGIN()), 'application/json', 'Content-Encoding: gzip');
    expect([400, 415]).toContain(zipped.status);
  });

  it('more than 64 kB: 413, however it is framed', async () => {
    const big = Buffer.from(JSON.stringify({ email, password: 'x'.repeat(65 * 1024) }));
    const whole = await post('/auth/login', big);
    expect(whole.status).toBe(413);
    expect(whole.body).toContain('"code":"body_too_large"');
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    const start =
      'POST /auth/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    const chunked = await sendRaw(app.http.baseUrl, `${start}${chunk}${chunk}0\r\n\r\n`);
    expect(chunked.status).toBe(413);
    // Announced alone is enough: nobody waits for the rest.
    const announced = await sendRaw(
      app.http.baseUrl,
      start.replace('Transfer-Encoding: chunked', 'Content-Length: 99999999999'),
    );
    expect(announced.status).toBe(413);
  });

  it.each([
    '{',
    '}',
    '{"email":',
    '{"email":"a@b.c",}',
    "{'email':'a'}",
    '{email:1}',
    '{"a":NaN}',
    '{"a":Infinity}',
    '{"a":0x1}',
    '{"a":01}',
    '// x\n{}',
    '{}{}',
    'undefined',
    '{"a":"\t"}',
    '{"a":"\\x"}',
    '{"a":"\\u12"}',
    '\u0000',
    '{"email":"a"\u0000}',
    'email=a&password=b',
    '<a/>',
  ])('broken JSON %j: 400 malformed_json', async (text) => {
    for (const path of ['/auth/login', '/auth/register', '/auth/refresh', '/auth/logout']) {
      const { status, body } = await post(path, text);
      expect(status).toBe(400);
      expect(body).toContain('"code":"malformed_json"');
    }
  });

  it.each([
    (own: string) => own.replace('{', '{"email":"eve@example.com",'),
    (own: string) => own.replace('{', '{"\\u0065mail":"eve@example.com",'),
    (own: string) => own.replace(/\}$/, ',"em\\u0061il":"eve@example.com"}'),
    (own: string) => own.replace(/\}$/, ', "email" :\n"eve@example.com"}'),
    (own: string) => own.replace(/\}$/, ',"passw\\u006frd":"x"}'),
  ])('a member that stands twice, in any spelling: 400 (%#)', async (twice) => {
    const { status, body } = await post('/auth/login', twice(LOGIN()));
    expect(status).toBe(400);
    expect(body).toContain('a member stands twice in one object');
  });

  it('JSON nested to any depth: 400', async () => {
    const deep = (open: string, close: string, depth: number) => open.repeat(depth) + '1' + close.repeat(depth);
    for (const depth of [100, 1_000, 5_000, 10_000]) {
      for (const value of [deep('[', ']', depth), deep('{"a":', '}', depth)]) {
        for (const text of [value, `{"email":${value},"password":"x"}`, `{"x":${value}}`]) {
          for (const path of ['/auth/login', '/auth/register', '/auth/refresh']) {
            const { status } = await app.http.post(path, text);
            expect({ path, depth, start: text.slice(0, 20), status }).toMatchObject({ status: 400 });
          }
          const { status } = await app.http.patch('/users/me', text, { token });
          expect({ path: '/users/me', depth, start: text.slice(0, 20), status }).toMatchObject({ status: 400 });
        }
      }
    }
  });

  it('bytes that are no UTF-8: 400', async () => {
    const bad = [
      [0xff],
      [0xc3],
      [0xc0, 0xaf],
      [0xed, 0xa0, 0x80],
      [0xf8, 0x88, 0x80, 0x80, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0x80],
      [0xe2, 0x82],
    ];
    for (const bytes of bad) {
      const [head, tail] = [
        `{"email":"utf8${bytes.join('')}@example.com","password":"correct horse `,
        ' battery staple"}',
      ];
      const body = Buffer.concat([Buffer.from(head), Buffer.from(bytes), Buffer.from(tail)]);
      const answer = await post('/auth/register', body);
      expect({ bytes, status: answer.status }).toEqual({ bytes, status: 400 });
    }
  });
});
