import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../../src/common/clock.js';
import { DpopKey } from '../support/dpop-key.js';
import { ServiceAccount } from '../support/service-account.js';
import { PASSWORD } from '../system/support/service.js';
import { startApache } from './support/apache.js';
import { attackVerifier } from './support/attack-verifier.js';
import { GatewayScene, PUBLIC_URL } from './support/gateway-scene.js';
import { identityIn } from './support/upstream.js';

const PECULIARITIES = {
  tells: ['Subject', 'Session', 'Client', 'Roles', 'Scope'],
  refuses: /^(?:Connection:|X[_.]Auth|X-Auth[_.])/i,
};

attackVerifier(
  'Apache, verifying tokens by mod_auth_openidc,',
  (ports) =>
    startApache('mod-auth-openidc.conf', 'auth_openidc', ports, (text) =>
      text.replace(
        'OIDCOAuthVerifyJwksUri https://auth.example.com/',
        `OIDCOAuthSSLValidateServer Off\n    OIDCOAuthVerifyJwksUri https://127.0.0.1:${ports.countersign}/`,
      ),
    ),
  { ...PECULIARITIES, keysOverHttps: true },
);

attackVerifier(
  'Apache, verifying tokens by mod_oauth2,',
  (ports) =>
    startApache('mod-oauth2.conf', 'oauth2', ports, (text) =>
      text.replace(/^ *OAuth2TokenVerify introspect .*\n/m, '').replace('#OAuth2TokenVerify', 'OAuth2TokenVerify'),
    ),
  PECULIARITIES,
);

describe('Apache, asking Countersign by mod_oauth2', () => {
  let scene: GatewayScene;
  beforeAll(async () => {
    scene = await GatewayScene.start(async (ports, countersign) => {
      const credentials = { email: 'admin@example.com', password: PASSWORD };
      const { body } = await countersign.http.post<{ access_token: string }>('/auth/login', credentials);
      const { id, secret } = await ServiceAccount.create(countersign, body.access_token, { served_audiences: ['api'] });
      return startApache('mod-oauth2.conf', 'oauth2', ports, (text) =>
        text.replace('svc_gateway', id).replace('css_secret', secret),
      );
    });
  });
  afterAll(() => scene?.stop());

  it('tells the service who is asking, and asks for a role where it is set to', async () => {
    const { 'x-auth-email': _email, ...identity } = scene.admin.identity;
    for (const path of ['/orders', '/admin/users']) {
      const { status, arrivals } = await scene.ask(path, { token: scene.admin.token });
      expect([status, arrivals.length]).toEqual([200, 1]);
      expect(identityIn(arrivals[0]!)).toEqual({ ...identity, 'x-auth-actor': '', 'x-auth-scope': '' });
    }
    expect(await scene.ask('/admin/users', { token: scene.user.token })).toMatchObject({ status: 403, arrivals: [] });
  });

  it('hears of a logout at once', async () => {
    const { token } = await scene.signInAgain();
    expect((await scene.ask('/orders', { token })).status).toBe(200);
    await scene.signOut(token);
    expect(await scene.ask('/orders', { token })).toMatchObject({ status: 401, arrivals: [] });
  });

  it('refuses a token that is bound to a key, of which it gets no proof', async () => {
    const { http } = scene.countersign;
    const email = 'bound@example.com';
    await http.post('/auth/register', { email, password: PASSWORD });
    const key = await DpopKey.create({ http, publicUrl: PUBLIC_URL, clock: new SystemClock() });
    const token = (await key.login(email)).access_token;
    for (const scheme of ['Bearer', 'DPoP']) {
      const { status, arrivals } = await scene.ask('/orders', { headers: [`Authorization: ${scheme} ${token}`] });
      expect([[401, 403].includes(status), arrivals]).toEqual([true, []]);
    }
  });

  it('holds everything back while Countersign is down, and recovers', async () => {
    await scene.line.cut();
    expect(await scene.ask('/orders', { token: scene.user.token })).toMatchObject({ status: 401, arrivals: [] });
    expect((await scene.ask('/public/news')).status).toBe(200);
    await scene.line.mend();
    expect((await scene.ask('/orders', { token: scene.user.token })).status).toBe(200);
  });
});
