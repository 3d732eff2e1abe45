import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';
import { RelyingParty, Visitor } from '../support/relying-party.js';

describe('putting a page of ours into a frame, or watching what happens on it', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ RATE_LIMITS: 'false' })));
  afterAll(() => app.close());

  it('is impossible for every page of single sign-on', async () => {
    const party = await RelyingParty.create(app, { first_party: false });
    const user = await app.createUser();
    const visitor = new Visitor(app.http);
    const signIn = await visitor.follow(party.request());
    const { location } = await visitor.submit(signIn, { email: user.email, password: 'correct horse battery staple' });
    const pages = [
      signIn,
      await visitor.follow(`/${location}`),
      await visitor.follow(party.request({ client_id: 'svc_AAAAAAAAAAAAAAAA' })),
      await visitor.follow('/oauth/end-session'),
      await visitor.follow('/sign-in'),
      await new Visitor(app.http).follow('/oauth/end-session'),
    ];
    for (const { headers, path } of pages) {
      const policy = headers.get('content-security-policy')!;
      expect(policy, path).toContain("frame-ancestors 'none'");
      expect(policy, path).toContain("default-src 'none'");
      expect(policy, path).not.toContain('unsafe');
      expect(policy, path).toMatch(/form-action ('none'|'self'( https:\/\/app\.example)?);/);
      expect(headers.get('x-frame-options'), path).toBe('DENY');
      expect(headers.get('referrer-policy'), path).toBe('no-referrer');
      expect(headers.get('cache-control'), path).toBe('no-store');
    }
  });

  it('markup in names and addresses stays text', async () => {
    const name = '<script>alert(1)</script>"';
    const party = await RelyingParty.create(app, { name });
    const page = await new Visitor(app.http).follow(party.request({ login_hint: '"><img src=x onerror=alert(1)>' }));
    expect(page.status).toBe(200);
    expect(page.text).not.toContain('<script>alert');
    expect(page.text).not.toContain('<img');
  });
});
