import { afterEach, describe, expect, it } from 'vitest';
import { ERRORS } from '../../src/common/errors.js';
import { TestApp } from '../support/create-app.js';

interface Schema {
  required?: string[];
  properties?: Record<string, object>;
}

describe('a developer explores the API', () => {
  let app: TestApp;
  afterEach(() => app.close());

  it('in Swagger UI, whose scripts all come from here, under a policy that allows no other', async () => {
    app = await TestApp.start();
    const page = await app.http.get('/docs');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
    const policy = page.headers.get('content-security-policy')!;
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe-eval');
    const withQuery = await app.http.get('/docs?from=here');
    expect(withQuery.headers.get('content-security-policy')).toBe(policy);
    const scripts = [...page.text.matchAll(/<script\b([^>]*)>([^]*?)<\/script>/g)];
    expect(scripts.length).toBeGreaterThanOrEqual(3);
    for (const [, attributes, inline] of scripts) {
      expect(inline!.trim()).toBe('');
      const source = /src="([^"]+)"/.exec(attributes!)![1]!;
      const { pathname } = new URL(source, `${app.http.baseUrl}/docs`);
      const script = await app.http.get(pathname);
      expect([pathname, script.status]).toEqual([pathname, 200]);
      expect(script.headers.get('content-type')).toContain('javascript');
    }
  });

  it('by an OpenAPI 3.1 document that names who may call what', async () => {
    app = await TestApp.start();
    const { status, body, text } = await app.http.get<{
      openapi: string;
      tags: { name: string }[];
      components: { schemas: Record<string, Schema> };
      paths: Record<
        string,
        Record<string, { security?: object[]; tags?: string[]; responses: Record<string, object> }>
      >;
    }>('/docs-json');
    expect(status).toBe(200);
    expect(body.openapi).toMatch(/^3\.1\./);
    expect(body.paths['/auth/login']!['post']!.security).toEqual([]);
    expect(body.paths['/auth/refresh']!['post']!.security).toEqual([{ cookie: [] }, {}]);
    expect(body.paths['/users']!['get']).toMatchObject({
      security: [{ bearer: [] }, { cookie: [] }],
      tags: ['User administration'],
    });
    expect(Object.keys(body.paths['/users']!['get']!.responses)).toEqual(
      expect.arrayContaining(['400', '401', '403', '503']),
    );
    for (const [path, operations] of Object.entries(body.paths)) {
      for (const operation of Object.values(operations)) expect([path, operation.tags?.length]).toEqual([path, 1]);
    }
    const used = Object.values(body.paths).flatMap((operations) =>
      Object.values(operations).map(({ tags }) => tags![0]!),
    );
    expect(new Set(body.tags.map(({ name }) => name))).toEqual(new Set(used));
    for (const { required = [], properties = {} } of Object.values(body.components.schemas)) {
      for (const name of required) expect([name, properties[name]]).not.toHaveProperty('1.default');
    }
    expect(body.components.schemas['CreateUserDto']).toMatchObject({
      required: ['email'],
      properties: { roles: { maxItems: 16, uniqueItems: true, items: { pattern: expect.any(String) as string } } },
      additionalProperties: false,
      not: { required: ['password_hash', 'password'] },
    });
    const named = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name!);
    expect(named.filter((name) => !(name in body.components.schemas))).toEqual([]);
  });

  it.each([
    ['post', '/users', [201]],
    ['post', '/clients', [201]],
    ['post', '/revocations', [200]],
    ['patch', '/shared-signals/streams', [404]],
    ['post', '/auth/logout', [204, 401]],
  ] as const)('with bodies that %s %s takes as they are', async (method, path, expected) => {
    app = await TestApp.start();
    const { tokens } = await app.signedInAdmin();
    const { body } = await app.http.get<{ paths: Record<string, Record<string, Documented>> }>('/docs-json');
    const { examples } = body.paths[path]![method]!.requestBody.content['application/json']!;
    expect(Object.keys(examples).length).toBeGreaterThan(1);
    for (const [name, { value }] of Object.entries(examples)) {
      const { status, text } = await app.http[method](path, value, { token: tokens.access_token });
      expect(expected, `${name}: ${status} ${text}`).toContain(status);
    }
  });

  it.each([
    ['not in production', { NODE_ENV: 'production', PUBLIC_URL: 'https://auth.example.com' }, 404],
    ['in production by setting', { NODE_ENV: 'production', PUBLIC_URL: 'https://auth.example.com', DOCS: 'on' }, 200],
    ['in development', {}, 200],
    ['not where it is switched off', { DOCS: 'off' }, 404],
  ])('%s', async (_, environment, status) => {
    app = await TestApp.start(environment);
    for (const path of ['/docs', '/docs-json', '/docs/swagger-ui-init.js']) {
      expect([path, (await app.http.get(path)).status]).toEqual([path, status]);
    }
    const front = await fetch(app.http.baseUrl, { redirect: 'manual' });
    expect([front.status, front.headers.get('location')]).toEqual(status === 200 ? [302, '/docs'] : [200, null]);
  });

  it('from the bare address of the service, where nothing is missing', async () => {
    app = await TestApp.start({ DOCS: 'off' });
    const page = await app.http.get('/');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const links = [...page.text.matchAll(/href="([^"]+)"/g)].map(([, path]) => path!);
    expect(links).toContain('/problems');
    for (const path of [...links, '/favicon.ico'])
      expect([path, (await app.http.get(path)).status]).toEqual([path, 200]);
    const { body } = await app.http.get<{ items: { code: string }[] }>('/problems');
    expect(body.items.map(({ code }) => code)).toEqual(Object.keys(ERRORS));
  });
});

interface Documented {
  requestBody: { content: Record<string, { examples: Record<string, { value: object }> }> };
}
