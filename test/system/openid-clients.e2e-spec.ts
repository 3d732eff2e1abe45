import * as openid from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Visitor } from '../support/relying-party.js';
import { Issuer, type ServiceClient } from './support/issuer.js';
import { PASSWORD, Scene } from './support/service.js';

const CALLBACK = 'https://app.example/callback';
const HOME = 'https://app.example/';

const scene = new Scene();
afterAll(() => scene.clear());

describe.each(['ES256', 'RS256'])('with %s, openid-client', (alg) => {
  let issuer: Issuer;
  let client: ServiceClient;
  let config: openid.Configuration;
  beforeAll(async () => {
    issuer = await Issuer.start(scene, { JWT_ALG: alg });
    client = await issuer.createClient({
      name: 'Portal',
      first_party: true,
      redirect_uris: [CALLBACK],
      post_logout_redirect_uris: [HOME],
    });
    const options = { execute: [openid.allowInsecureRequests] };
    const metadata = { client_secret: client.secret, id_token_signed_response_alg: alg };
    config = await openid.discovery(new URL(issuer.url), client.id, metadata, undefined, options);
  });

  /** Signs a person in as the library asks for it. */
  async function signIn(visitor: Visitor, more: Record<string, string> = {}) {
    const email = `alice${Math.random()}@example.com`;
    await issuer.http.post('/auth/register', { email, password: PASSWORD });
    const pkceCodeVerifier = openid.randomPKCECodeVerifier();
    const [expectedState, expectedNonce] = [openid.randomState(), openid.randomNonce()];
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: CALLBACK,
      scope: 'openid email profile offline_access',
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
      nonce: expectedNonce,
      ...more,
    });
    const { location } = await visitor.signInAt(url.pathname + url.search, email, PASSWORD);
    const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true };
    return { email, tokens: await openid.authorizationCodeGrant(config, new URL(location!), checks) };
  }

  it('signs a person in, reads their claims, refreshes, and signs them out', async () => {
    const visitor = new Visitor(issuer.http);
    const { email, tokens } = await signIn(visitor);
    const { sub, sid } = tokens.claims()!;
    expect(await openid.fetchUserInfo(config, tokens.access_token, sub)).toMatchObject({ email });
    const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token!);
    expect(refreshed.claims()).toMatchObject({ sub, sid });
    const url = openid.buildEndSessionUrl(config, {
      id_token_hint: refreshed.id_token!,
      post_logout_redirect_uri: HOME,
    });
    expect((await visitor.follow(url.pathname + url.search)).location).toBe(HOME);
    await expect(openid.refreshTokenGrant(config, refreshed.refresh_token!)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  it('signs a person in who may have been signed in for so long only', async () => {
    const { tokens } = await signIn(new Visitor(issuer.http), { max_age: '60' });
    expect(tokens.claims()!.auth_time).toBeGreaterThan(Date.now() / 1000 - 60);
  });

  it('revokes the refresh token, and with it the session', async () => {
    const { tokens } = await signIn(new Visitor(issuer.http));
    await openid.tokenRevocation(config, tokens.refresh_token!);
    await expect(openid.fetchUserInfo(config, tokens.access_token, tokens.claims()!.sub)).rejects.toMatchObject({
      status: 401,
    });
  });
});
