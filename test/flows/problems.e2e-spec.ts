import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERRORS } from '../../src/common/errors.js';
import type { Answer } from '../support/http-client.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { speak } from './raw-connection.js';

interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail?: string;
  errors?: { field: string; code: string; message: string }[];
  request_id: string;
}

describe('a caller is told what went wrong', () => {
  let app: TestApp;
  let token: string;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false', PUBLIC_URL: 'https://auth.example.com' });
    token = await app.adminToken();
  });
  afterAll(() => app.close());

  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    app.http.post<Problem>(path, body, { headers, token });
  const users = (query: string) => app.http.get<Problem>(`/users?${query}`, { token });

  const CAUSES: [code: string, cause: () => Promise<Answer<Problem>>][] = [
    ['invalid_request', () => post('/auth/login', { email: 'nobody' })],
    ['invalid_request', () => users('limit=1000')],
    ['invalid_request', () => post('/auth/login', [])],
    ['invalid_request', () => post('/auth/login', '"text"')],
    ['invalid_request', () => app.http.get('/%zz')],
    ['malformed_json', () => post('/auth/login', '{"email":')],
    ['malformed_json', () => post('/auth/login', '{"__proto__":{"admin":true}}')],
    ['malformed_json', () => post('/auth/login', '{"constructor":{"prototype":{"admin":true}}}')],
    ['unsupported_media_type', () => post('/auth/login', 'email=a', { 'content-type': 'text/plain' })],
    [
      'unsupported_media_type',
      () => post('/auth/login', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }),
    ],
    ['unsupported_media_type', () => post('/auth/login', '{}', { 'content-type': 'application/jsonx' })],
    ['body_too_large', () => post('/auth/login', { email: 'x'.repeat(64 * 1024) })],
    ['uri_too_long', () => app.http.get(`/users/${'1'.repeat(101)}`, { token })],
    ['token_missing', () => app.http.get('/auth/me')],
    ['token_invalid', () => app.http.get('/auth/me', { token: 'nonsense' })],
    ['invalid_credentials', () => post('/auth/login', { email: 'nobody@example.com', password: PASSWORD })],
    ['refresh_token_invalid', () => post('/auth/refresh', { refresh_token: 'nonsense' })],
    ['not_found', () => app.http.get('/nowhere')],
    ['method_not_allowed', () => app.http.send('PUT', '/auth/me', { token, body: {} })],
    ['not_found', () => app.http.get('/auth/me/', { token })],
    ['not_found', () => app.http.get('/AUTH/me', { token })],
    ['not_found', () => app.http.get('/problems/constructor')],
  ];

  it.each(CAUSES)('%s in the form of RFC 9457', async (code, cause) => {
    const { status, headers, body } = await cause();
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(headers.get('cache-control')).toBe('no-store');
    const entry = ERRORS[code as keyof typeof ERRORS];
    expect(body).toMatchObject({
      type: `https://auth.example.com/problems/${code}`,
      title: entry.title,
      status: entry.status,
      code,
      request_id: headers.get('x-request-id'),
    });
    expect(status).toBe(entry.status);
    const known = new Set(['type', 'title', 'status', 'code', 'detail', 'errors', 'request_id']);
    expect(Object.keys(body).filter((member) => !known.has(member))).toEqual([]);
  });

  it.each([
    ['token_missing', undefined, 'Bearer '],
    ['token_invalid', 'nonsense', 'Bearer error="invalid_token", '],
  ])('%s with the challenge of RFC 6750', async (_, bad, challenge) => {
    const { headers } = await app.http.get('/auth/me', { token: bad });
    expect(headers.get('www-authenticate')).toBe(
      `${challenge}resource_metadata="https://auth.example.com/.well-known/oauth-protected-resource"`,
    );
  });

  it('by a code that is explained under the type of the problem', async () => {
    for (const [code, { status, title, help }] of Object.entries(ERRORS)) {
      const answer = await app.http.get(`/problems/${code}`);
      expect(answer).toMatchObject({ status: 200, body: { code, status, title, help } });
      expect(answer.headers.get('cache-control')).toBe('public, max-age=300');
      expect(help.length).toBeGreaterThan(20);
    }
  });

  it.each([
    ['header_too_large', `GET /health/live HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(17_000)}\r\n\r\n`],
    ['invalid_request', 'GET / HTTP/1.1\r\nHost: a\r\nBad Header: 1\r\n\r\n'],
    ['invalid_request', 'this is no HTTP\r\n\r\n'],
    ['duplicate_header', 'GET /health/live HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n'],
  ])('%s also where the request cannot be read', async (code, request) => {
    const { head, body } = await speak(app.http.baseUrl, request);
    const entry = ERRORS[code as keyof typeof ERRORS];
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${entry.status} `));
    expect(head).toMatch(/\r\ncontent-type: application\/problem\+json/i);
    expect(JSON.parse(body)).toMatchObject({ status: entry.status, code, title: entry.title });
  });

  it('under an id that names the request: their own, where it has a sound form', async () => {
    const id = 'caller-4711_abc';
    const own = await app.http.get<Problem>('/nowhere', { headers: { 'x-request-id': id } });
    expect([own.headers.get('x-request-id'), own.body.request_id]).toEqual([id, id]);
    const good = await app.http.get('/health/live', { headers: { 'x-request-id': id } });
    expect(good.headers.get('x-request-id')).toBe(id);
    const seen = new Set<string>();
    for (const bad of ['short', 'x'.repeat(65), 'with space', '<script>alert(1)</script>', '"quoted-id"']) {
      const { headers, body } = await app.http.get<Problem>('/nowhere', { headers: { 'x-request-id': bad } });
      expect(headers.get('x-request-id')).toMatch(/^[\w-]{8,64}$/);
      expect(headers.get('x-request-id')).not.toBe(bad);
      seen.add(body.request_id);
    }
    expect(seen.size).toBe(5);
  });

  it('and nothing of the inside where we are at fault', async () => {
    await app.dataSource.query('ALTER TABLE sessions RENAME COLUMN user_agent TO broken_by_test');
    const { email } = await app.createUser();
    const answer = await post('/auth/login', { email, password: PASSWORD });
    await app.dataSource.query('ALTER TABLE sessions RENAME COLUMN broken_by_test TO user_agent');
    expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } });
    expect(Object.keys(answer.body).sort()).toEqual(['code', 'request_id', 'status', 'title', 'type']);
    expect(answer.text).not.toMatch(/user_agent|sessions|INSERT|column|\bat \/|node_modules|\.[jt]s\b/);
  });
});
