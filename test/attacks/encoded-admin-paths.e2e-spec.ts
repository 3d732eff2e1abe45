import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';
import { askRaw } from './raw-http.js';

const TARGETS = String.raw`
  /users /users/ //users ///users /./users /x/../users /users/. /users/.. /users/../users /%2Fusers /%2fusers
  %2Fusers /%75sers /u%73ers /%2575sers /USERS /Users /users%00 /users%00.html /users%20 /users%09 /users%0d%0a
  /users; /users;x=y /users;jsessionid=1 /users?x /users? /users?? /users#x /users%23 /users%3F /users.json
  /users.html /users~ /users\ /\users /users%5c /%5cusers /.well-known/../users /health/../users
  /health/..;/users /auth/login/../../users /docs/../users /docs/%2e%2e/users /%2e/users /users/%2e
  /users/%2e%2e/users /users%2f /users/me/../ /users/me%2f.. /users/me/..%2f /users/me;/ /users%c0%af
  /users%ef%bc%8f /users/* /* * users /users/undefined /users/null /keys/rotate /keys/rotate/ /keys/%72otate
  /keys/rotate.pem /users/% /users/%zz /users/%u002e /?/users /users/me/sessions /users/me/../me/sessions`
  .trim()
  .split(/\s+/);

const OVERRIDES = `
  X-Original-URL: /users | X-Rewrite-URL: /users | X-Forwarded-URI: /users | X-Forwarded-Path: /users |
  X-Override-URL: /users | X-HTTP-Method-Override: GET | X-HTTP-Method: GET | X-Method-Override: GET |
  X-Forwarded-For: 127.0.0.1 | X-Real-IP: 127.0.0.1 | X-Forwarded-User: admin | X-Auth-Roles: admin |
  X-Auth-Subject: root | X-Remote-User: admin | X-Custom-IP-Authorization: 127.0.0.1 |
  Forwarded: for=127.0.0.1;host=localhost | Referer: /users | X-Internal: true`
  .trim()
  .split(/\s*\|\s*/);

describe('asking for what only administrators may see, by another spelling of its path', () => {
  let app: TestApp;
  let victim: string;
  let callers: Record<string, string[]>;
  let admin: string;

  beforeAll(async () => {
    app = await TestApp.start();
    const user = await app.signedInUser();
    admin = await app.adminToken();
    victim = (await app.createUser({ email: 'victim@example.org', displayName: 'Secret Name' })).id;
    callers = { nobody: [], 'a user': [`Authorization: Bearer ${user.tokens.access_token}`] };
  });
  afterAll(() => app.close());
  // The caller is still who they were, so that no refusal is for want of a session.
  afterEach(async () => expect((await ask('GET', '/users/me', callers['a user']!)).status).toBe(200));

  const ask = (method: string, target: string, headers: string[]) => askRaw(app.http.baseUrl, method, target, headers);

  async function expectNothing(method: string, target: string, headers: string[]): Promise<void> {
    const { status, body, head } = await ask(method, target, headers);
    const told = /victim@example\.org|Secret Name|admin\d+@/.test(body + head);
    const asked = `${method} ${target} ${headers.join()} ${status} ${body}`;
    expect({ told, failed: status >= 500 }, asked).toEqual({ told: false, failed: false });
    // What is public answers 200 to everybody, and so does the caller's own profile; the list and the keys do not.
    if (status === 200) expect(body).not.toMatch(/"items"|"next_cursor"|"published_at"/);
  }

  it('an administrator does see it, so that this test can fail', async () => {
    const { status, body } = await ask('GET', '/users', [`Authorization: Bearer ${admin}`]);
    expect(status).toBe(200);
    expect(body).toContain('victim@example.org');
  });

  it.each(['nobody', 'a user'])('%s sees nothing under any spelling', async (caller) => {
    for (const target of TARGETS) {
      await Promise.all(['GET', 'POST', 'HEAD'].map((method) => expectNothing(method, target, callers[caller]!)));
    }
  });

  it.each(['nobody', 'a user'])('%s sees nothing of a single user', async (caller) => {
    const id = victim;
    const targets = String.raw`ID ID/ ID%00 ID?x=/users/me ID#/me ID/../ID %2e/ID me/../ID me%2f..%2fID me;ID me/ID {ID}
      urn:uuid:ID ..%2fusers%2fID /ID ./ID UPPER DASHES`;
    const paths = targets
      .replaceAll('ID', id)
      .replace('UPPER', id.toUpperCase())
      .replace('DASHES', id.replaceAll('-', '%2d'))
      .split(/\s+/)
      .flatMap((target) => [`/users/${target}`, `//users/${target}`, `/USERS/${target}`]);
    for (const target of paths) {
      await Promise.all(
        ['GET', 'PATCH', 'DELETE', 'PUT'].map((method) => expectNothing(method, target, callers[caller]!)),
      );
    }
    await expectNothing('DELETE', `/users/${id}/sessions`, callers[caller]!);
    await expectNothing('GET', `/users/me?id=${id}`, callers[caller]!);
    expect(await app.dataSource.query('SELECT display_name, status FROM users WHERE id = $1', [id])).toEqual([
      { display_name: 'Secret Name', status: 'active' },
    ]);
  });

  it.each(['nobody', 'a user'])(
    '%s gains nothing by headers that speak of another path, method or caller',
    async (caller) => {
      for (const header of OVERRIDES) {
        for (const request of ['GET /users', 'POST /users', 'GET /health/live', 'GET /users/me', 'POST /keys/rotate']) {
          const [method, target] = request.split(' ') as [string, string];
          await expectNothing(method, target, [...callers[caller]!, header]);
        }
      }
    },
  );

  it.each(['nobody', 'a user'])('%s gains nothing by an absolute or odd request target', async (caller) => {
    const { host } = new URL(app.http.baseUrl);
    const targets = `http://${host}/users http://localhost/users HTTP://LOCALHOST/users http://evil.example/users
      https://localhost/users http://localhost//users http:/users http:///users //localhost/users @localhost/users
      http://user:pass@localhost/users localhost:80`.split(/\s+/);
    for (const target of targets) await expectNothing('GET', target, callers[caller]!);
  });

  it.each(['nobody', 'a user'])('%s gains nothing by an odd method', async (caller) => {
    for (const method of 'get Get GETS OPTIONS TRACE CONNECT PUT PROPFIND QUERY SEARCH LOCK BREW M-SEARCH'.split(' ')) {
      for (const target of ['/users', `/users/${victim}`, '/keys/rotate'])
        await expectNothing(method, target, callers[caller]!);
    }
  });

  it('a redirect never leads there', async () => {
    for (const target of ['/users/', '//users', '/docs', '/docs/..%2fusers', '//evil.example/', '/\\evil.example']) {
      const { head } = await ask('GET', target, []);
      expect(head).not.toMatch(/^location:.*(users|evil)/im);
    }
  });
});
