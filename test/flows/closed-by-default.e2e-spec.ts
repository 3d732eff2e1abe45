import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApiOf } from '../../src/app.setup.js';
import type { User } from '../../src/users/user.entity.js';
import { UsersService } from '../../src/users/users.service.js';
import { BY_TEST } from '../support/cause.js';
import { TestApp } from '../support/create-app.js';
import { routesOf } from '../support/routes.js';
import { signInAs } from '../support/sign-in.js';
import { ServiceAccount } from '../support/service-account.js';

/** What a caller hears who sends nothing but their token, by who they are. */
type Row = [anonymous: number, user: number, admin: number, disabled: number];

// 400 and 404 come from behind the guard: the caller was let in, and the empty request or the unknown id was refused.
const ANYBODY: Row = [200, 200, 200, 200];
const UNKNOWN: Row = [404, 404, 404, 404];
const EMPTY: Row = [400, 400, 400, 400];
const USER: Row = [401, 200, 200, 401];
const ADMIN: Row = [401, 403, 200, 401];
const ADMIN_UNKNOWN: Row = [401, 403, 404, 401];

const MATRIX: Record<string, Row> = {
  'GET /.well-known/jwks.json': ANYBODY,
  'GET /.well-known/openid-configuration': ANYBODY,
  'GET /.well-known/oauth-authorization-server': ANYBODY,
  'GET /.well-known/oauth-protected-resource': ANYBODY,
  'GET /keys/{kid}.pem': UNKNOWN,
  'GET /revocations/stream': ANYBODY,
  'GET /revocations/snapshot': ANYBODY,
  'GET /problems': ANYBODY,
  'GET /problems/{code}': UNKNOWN,
  'GET /gateway/verify': [401, 200, 200, 401],
  'GET /gateway/verify/{path}': [401, 200, 200, 401],
  // Off by default.
  'GET /status-lists': UNKNOWN,
  'GET /status-lists/{n}': UNKNOWN,
  'GET /health/live': ANYBODY,
  'GET /health/ready': ANYBODY,
  'GET /health/ready/sign-in': ANYBODY,
  'POST /auth/register': EMPTY,
  'POST /auth/login': EMPTY,
  'POST /auth/refresh': EMPTY,
  // Whose session has ended already is signed out: that is no error.
  'POST /auth/logout': [401, 204, 204, 204],
  'GET /auth/me': USER,
  'POST /auth/password': [401, 400, 400, 401],
  'POST /auth/email/change': [401, 400, 400, 401],
  'POST /auth/email/confirm': EMPTY,
  'POST /auth/email/undo': EMPTY,
  'POST /auth/email/verification': EMPTY,
  'POST /auth/email/verify': EMPTY,
  'POST /auth/password/recovery': EMPTY,
  'POST /auth/password/reset': EMPTY,
  'GET /users/me': USER,
  'PATCH /users/me': USER,
  'DELETE /users/me': [401, 204, 204, 401],
  'GET /users/me/export': USER,
  'GET /sessions': USER,
  'DELETE /sessions': USER,
  'DELETE /sessions/{id}': [401, 404, 404, 401],
  'GET /consents': USER,
  'DELETE /consents/{id}': [401, 404, 404, 401],
  // Without its parameters a request is a page with an error.
  'GET /oauth/authorize': EMPTY,
  'POST /oauth/authorize': [415, 415, 415, 415],
  // The token of a session here has no scope `openid`.
  // Nobody is signed in in a browser without a cookie.
  'POST /oauth/par': [415, 415, 415, 415],
  'GET /oauth/end-session': ANYBODY,
  'POST /oauth/end-session': [415, 415, 415, 415],
  'GET /oauth/userinfo': [401, 403, 403, 401],
  'POST /oauth/userinfo': [415, 415, 415, 415],
  'GET /interactions/{id}': EMPTY,
  'POST /interactions/{id}/sign-in': [403, 403, 403, 403],
  'POST /interactions/{id}/second-factor': EMPTY,
  'POST /interactions/{id}/consent': [400, 400, 400, 400],
  'GET /api-keys': USER,
  'POST /api-keys': [401, 400, 400, 401],
  'DELETE /api-keys/{id}': [401, 404, 404, 401],
  'POST /api-keys/revoke-leaked': EMPTY,
  'GET /users/{id}/api-keys': ADMIN_UNKNOWN,
  'DELETE /users/{id}/api-keys/{key_id}': ADMIN_UNKNOWN,
  'GET /users': ADMIN,
  'POST /users': [401, 403, 400, 401],
  'GET /users/{id}': ADMIN_UNKNOWN,
  'PATCH /users/{id}': ADMIN_UNKNOWN,
  'DELETE /users/{id}': ADMIN_UNKNOWN,
  'PUT /users/{id}/password': [401, 403, 400, 401],
  'GET /users/{id}/sign-in-state': ADMIN_UNKNOWN,
  'GET /users/{id}/export': ADMIN_UNKNOWN,
  'GET /invitations': ADMIN,
  'POST /invitations': [401, 403, 400, 401],
  'POST /invitations/{id}/resend': ADMIN_UNKNOWN,
  'DELETE /invitations/{id}': ADMIN_UNKNOWN,
  'POST /auth/invitations/accept': EMPTY,
  'GET /mfa': USER,
  'POST /mfa/totp': [401, 403, 403, 401],
  'POST /mfa/totp/{id}/confirm': [401, 400, 400, 401],
  'DELETE /mfa/{id}': [401, 404, 404, 401],
  'POST /mfa/recovery-codes': [401, 409, 409, 401],
  'POST /auth/mfa/totp': EMPTY,
  'POST /auth/mfa/recovery-code': EMPTY,
  'DELETE /users/{id}/mfa': ADMIN_UNKNOWN,
  'GET /limits': [401, 403, 400, 401],
  'DELETE /limits': [401, 403, 400, 401],
  // For the role impersonator alone.
  'POST /users/{id}/impersonate': [401, 403, 403, 401],
  'DELETE /users/{id}/sessions': ADMIN_UNKNOWN,
  'POST /revocations': [401, 403, 400, 401],
  'POST /keys/rotate': ADMIN,
  'GET /audit': ADMIN,
  'GET /audit/export': ADMIN,
  'GET /audit/stream': ADMIN,
  'GET /audit/me': USER,
  'GET /clients': ADMIN,
  'POST /clients': [401, 403, 400, 401],
  'GET /clients/{id}': ADMIN_UNKNOWN,
  'PATCH /clients/{id}': ADMIN_UNKNOWN,
  'DELETE /clients/{id}': ADMIN_UNKNOWN,
  'GET /clients/{id}/secrets': ADMIN_UNKNOWN,
  'POST /clients/{id}/secrets': ADMIN_UNKNOWN,
  'PATCH /clients/{id}/secrets/{secret_id}': ADMIN_UNKNOWN,
  'DELETE /clients/{id}/secrets/{secret_id}': ADMIN_UNKNOWN,
  'GET /clients/{id}/api-keys': ADMIN_UNKNOWN,
  'POST /clients/{id}/api-keys': ADMIN_UNKNOWN,
  'DELETE /clients/{id}/api-keys/{key_id}': ADMIN_UNKNOWN,
  'GET /clients/{id}/workload-identities': ADMIN_UNKNOWN,
  'POST /clients/{id}/workload-identities': ADMIN_UNKNOWN,
  'DELETE /clients/{id}/workload-identities/{identity_id}': ADMIN_UNKNOWN,
  // A form alone is read here, and clients authenticate by themselves.
  'POST /oauth/token': [415, 415, 415, 415],
  'POST /oauth/introspect': [415, 415, 415, 415],
  'POST /oauth/revoke': [415, 415, 415, 415],
  'GET /.well-known/ssf-configuration': ANYBODY,
  'GET /shared-signals/streams': ADMIN,
  // An empty request makes a stream that is polled.
  'POST /shared-signals/streams': [401, 403, 201, 401],
  'PUT /shared-signals/streams': [401, 403, 400, 401],
  'PATCH /shared-signals/streams': [401, 403, 400, 401],
  'DELETE /shared-signals/streams': [401, 403, 400, 401],
  'GET /shared-signals/status': [401, 403, 400, 401],
  'POST /shared-signals/status': [401, 403, 400, 401],
  'POST /shared-signals/verification': [401, 403, 400, 401],
  // For service accounts alone, and for the secret of the stream.
  'POST /shared-signals/streams/{id}/poll': [401, 403, 403, 401],
};

// Outside of the document: the front page and its icon, Swagger UI, preflights, and the verdict by other methods than GET, which are all one route.
const OUTSIDE =
  /^(?:(?:GET|HEAD) \/(?:favicon\.ico|docs(?:-json|\/.*)?|dev\/mailbox(?:\.json)?|recover|verify|confirm-email|undo-email|accept-invitation|pages\/(?:mail-link\.js|style\.css))?|OPTIONS \*|(?!GET )\S+ \/gateway\/verify(?:\/?\*)?)$/;
// The pages of single sign-on, which answer browsers alone.
const PAGES = /^(?:GET|HEAD|POST) \/(?:sign-in(?:\/second-factor)?|consent|sign-out|pages\/form-post\.js)$/;
const NOBODY = '0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a';

describe('every route is closed unless it says otherwise', () => {
  let app: TestApp;
  beforeAll(
    async () => void (app = await TestApp.start({ RATE_LIMITS: 'false', CORS_ORIGINS: 'https://app.example' })),
  );
  afterAll(() => app.close());

  const documented = (): string[] =>
    Object.entries(openApiOf(app.app).paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );

  const signIn = async (user: User) => (await signInAs(app, user)).access_token;

  // Of their own for every request, since some requests end what they come with.
  const CALLERS: (() => Promise<string | undefined>)[] = [
    () => Promise.resolve(undefined),
    async () => signIn(await app.createUser({ password: undefined })),
    async () => signIn(await app.createUser({ password: undefined, roles: ['user', 'admin'] })),
    async () => {
      const admin = await app.createUser({ password: undefined, roles: ['user', 'admin'] });
      const token = await signIn(admin);
      await app.app.get(UsersService).update(admin.id, { status: 'disabled' }, BY_TEST);
      return token;
    },
  ];

  // A stream never ends, so no body is waited for.
  const statusOf = async (method: string, path: string, token?: string, body?: object): Promise<number> => {
    const answer = await fetch(app.http.baseUrl + path, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    await answer.body?.cancel();
    return answer.status;
  };

  it('the matrix names every route of the document, and no other', () => {
    expect(documented().sort()).toEqual(Object.keys(MATRIX).sort());
  });

  it('the document names every route that the server has', () => {
    const served = routesOf(app.app.getHttpAdapter().getInstance().printRoutes({ commonPrefix: false }));
    expect(served).toContain('POST /auth/login');
    const undocumented = served.filter((route) => {
      const [method, path] = route
        .replaceAll(/:(\w+)/g, '{$1}')
        .replace(/verify\/?\*$/, 'verify/{path}')
        .split(' ') as [string, string];
      return (
        !OUTSIDE.test(route) &&
        !PAGES.test(route) &&
        !documented().includes(`${method === 'HEAD' ? 'GET' : method} ${path}`)
      );
    });
    expect(undocumented).toEqual([]);
  });

  it.each(Object.entries(MATRIX))('%s', async (route, expected) => {
    const [method, template] = route.split(' ') as [string, string];
    const path = template.replace('{id}', NOBODY).replace(/\{\w+\}/, 'unknown');
    const statuses: number[] = [];
    for (const caller of CALLERS) {
      const token = await caller();
      const body = method === 'POST' || method === 'PATCH' || method === 'PUT' ? {} : undefined;
      const sent = route === 'POST /auth/logout' ? undefined : body;
      const status = await statusOf(method, path, token, sent);
      statuses.push(status);
      if (method === 'GET') expect(await statusOf('HEAD', path, token)).toBe(status);
    }
    expect(statuses).toEqual(expected);
  });

  const OF_ADMINISTRATORS = Object.entries(MATRIX).filter(([, [, user, admin]]) => user === 403 && admin !== 403);

  it.each(OF_ADMINISTRATORS)('%s, asked by a service that administers users', async (route, [, , admitted]) => {
    const admin = await signIn(await app.createUser({ password: undefined, roles: ['user', 'admin'] }));
    const service = await ServiceAccount.create(app, admin, { scopes: ['users:write', 'users:read'] });
    const [method, template] = route.split(' ') as [string, string];
    const path = template.replace('{id}', NOBODY).replace(/\{\w+\}/, 'unknown');
    const body = method === 'GET' || method === 'DELETE' ? undefined : {};
    const status = await statusOf(method, path, await service.token(), body);
    expect(status).toBe(OF_SERVICES.has(route) ? admitted : 403);
  });

  it.each(OF_ADMINISTRATORS)('%s, asked by a supporter and by an auditor', async (route, [, , admitted]) => {
    const [method, template] = route.split(' ') as [string, string];
    const path = template.replace('{id}', NOBODY).replace(/\{\w+\}/, 'unknown');
    const body = method === 'GET' || method === 'DELETE' ? undefined : {};
    for (const [role, theirs] of [
      ['support', OF_SUPPORT],
      ['auditor', OF_AUDITORS],
    ] as const) {
      const token = await signIn(await app.createUser({ password: undefined, roles: ['user', role] }));
      expect(await statusOf(method, path, token, body)).toBe(theirs.has(route) ? admitted : 403);
    }
  });
});

/** What is open to the role support. */
const OF_SUPPORT = new Set([
  'GET /users/{id}/sign-in-state',
  'GET /limits',
  'DELETE /limits',
  'GET /users',
  'GET /users/{id}',
  'PUT /users/{id}/password',
  'DELETE /users/{id}/sessions',
  'DELETE /users/{id}/mfa',
]);

/** What is open to the role auditor. */
const OF_AUDITORS = new Set(['GET /audit', 'GET /audit/export', 'GET /audit/stream']);

/** What is open to services that administer users, by their scope. */
const OF_SERVICES = new Set([
  'GET /users/{id}/sign-in-state',
  'GET /users',
  'POST /users',
  'GET /users/{id}',
  'PATCH /users/{id}',
  'DELETE /users/{id}',
  'PUT /users/{id}/password',
  'DELETE /users/{id}/sessions',
  'GET /invitations',
  'POST /invitations',
  'POST /invitations/{id}/resend',
  'DELETE /invitations/{id}',
  'DELETE /users/{id}/mfa',
]);
