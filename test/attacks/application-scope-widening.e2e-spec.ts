import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';
import { answerOf, codeOf, RelyingParty, Visitor } from '../support/relying-party.js';

describe('an application that wants more than its person has given', () => {
  let app: TestApp;
  let party: RelyingParty;
  let visitor: Visitor;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    party = await RelyingParty.create(app, {
      scopes: ['orders:read', 'orders:write'],
      audiences: ['orders', 'billing'],
    });
    visitor = new Visitor(app.http);
    await party.signIn(visitor, (await app.createUser()).email);
  });
  afterAll(() => app.close());

  const open = async (parameters: Record<string, string> = {}) => {
    const { location } = await visitor.follow(
      party.request({ prompt: 'none', scope: 'openid orders:read', ...parameters }),
    );
    return (await party.redeem(codeOf(location))).body;
  };
  const claimsOf = (token: string) => decodeToken(token).claims;

  it('gets no further scope at a refresh, and none at the code', async () => {
    const { refresh_token } = await open();
    for (const scope of ['orders:write', 'openid orders:read orders:write', 'email', 'admin']) {
      expect((await party.refresh(refresh_token, { scope })).body.error).toMatch(/invalid_scope|invalid_grant/);
    }
    const { location } = await visitor.follow(party.request({ prompt: 'none', scope: 'openid orders:read' }));
    const { body } = await party.redeem(codeOf(location), { scope: 'openid orders:write' });
    expect(claimsOf(body.access_token)['scope']).toBe('openid orders:read');
  });

  it('gets no further audience', async () => {
    const { location } = await visitor.follow(party.request({ prompt: 'none', resource: 'billing' }));
    const { body } = await party.redeem(codeOf(location), { resource: 'orders' });
    expect(claimsOf(body.access_token)['aud']).toBe('billing');
    const { body: refreshed } = await party.refresh(body.refresh_token, { resource: 'orders', audience: 'orders' });
    expect(claimsOf(refreshed.access_token)['aud']).toBe('billing');
  });

  it('loses what an administrator takes away from it', async () => {
    const { refresh_token } = await open({ scope: 'openid orders:read orders:write' });
    const admin = await app.adminToken();
    const change = (settings: object) => app.http.patch(`/clients/${party.id}`, settings, { token: admin });
    await change({ scopes: ['orders:read'] });
    app.clock.advance(5);
    const { body } = await party.refresh(refresh_token);
    expect(claimsOf(body.access_token)['scope']).toBe('openid orders:read');
    await change({ scopes: ['orders:read', 'orders:write'] });
  });

  it('gets no code and no session of another client with its refresh token', async () => {
    const other = await RelyingParty.create(app);
    const { refresh_token } = await open();
    expect((await other.refresh(refresh_token)).body.error).toBe('invalid_grant');
    expect((await party.refresh(refresh_token)).status).toBe(200);
  });

  it('is not skipped at the consent as a first-party application on a device, which anybody can pretend to be', async () => {
    const redirect_uri = 'com.example.app:/callback';
    const native = await RelyingParty.create(app, { application_type: 'native', redirect_uris: [redirect_uri] });
    const silent = await visitor.follow(native.request({ redirect_uri, prompt: 'none' }));
    expect(answerOf(silent.location)['error']).toBe('consent_required');
    const page = await visitor.follow(native.request({ redirect_uri }));
    expect(page.path.split('?')[0]).toBe('/consent');
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self' com.example.app:;");
    await visitor.submit(page, { consent: 'allow' });
    // Each time, because the next one may be another application.
    expect((await visitor.follow(native.request({ redirect_uri }))).path.split('?')[0]).toBe('/consent');
  });
});
