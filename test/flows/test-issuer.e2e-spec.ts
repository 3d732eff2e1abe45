import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVerifier } from '../../packages/client/src/index.js';
import { createTestIssuer } from '../../packages/client/src/testing/index.js';
import { AccessTokens, type TokenGrant } from '../../src/tokens/access-tokens.js';
import { TestApp } from '../support/create-app.js';
import { DpopKey } from '../support/dpop-key.js';

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());

/** Names in their order, with the types of the values, and their lengths where it does not depend on the user. */
function formOf(token: string) {
  const { sid, jti, exp, iat, ...claims } = decodeJwt<{ sid: string }>(token);
  const { kid, ...header } = decodeProtectedHeader(token);
  return {
    header: [Object.entries(header), kid!.length],
    order: Object.keys(decodeJwt(token)),
    types: Object.entries(claims).map(([name, value]) => [name, typeof value]),
    lengths: [sid.length, jti!.length, claims.sub!.length, exp! - iat!],
    version: Buffer.from(sid, 'base64url')[6]! >> 4,
  };
}

describe('the test issuer of the client package', () => {
  it('mints what the service mints', async () => {
    const { user, tokens } = await app.signedInUser();
    const issuer = createTestIssuer({ issuer: decodeJwt(tokens.access_token).iss! });
    const token = issuer.token({ email: user.email });
    expect(formOf(token)).toEqual(formOf(tokens.access_token));
    expect(token).toHaveLength(tokens.access_token.length);
    expect(decodeJwt(token).roles).toEqual(decodeJwt(tokens.access_token).roles);
    expect(Object.keys(issuer.signingKey.jwk).toSorted()).toEqual(Object.keys(await firstKey()).toSorted());
  });

  it('mints what the service mints for a client, for a user by a client, and for a key', async () => {
    const key = await DpopKey.create(app);
    const issuedAt = app.clock.seconds();
    const grant = { audiences: ['api'], issuedAt };
    const keyThumbprint = key.thumbprint;
    const issued = (more: Omit<TokenGrant, keyof typeof grant>) =>
      decodeJwt(app.app.get(AccessTokens).issue({ ...grant, ...more }).token);
    const issuer = createTestIssuer();
    const pairs = [
      [
        issued({ subject: 'reports', client: 'reports', scopes: ['orders:read'], keyThumbprint }),
        issuer.token({ session: null, client: 'reports', scopes: ['orders:read'], keyThumbprint }),
      ],
      [
        issued({
          subject: 'alice',
          client: 'reports',
          session: issuer.newSession(),
          roles: ['user'],
          actor: { subject: 'reports', actor: { subject: 'jobs', actor: null } },
        }),
        issuer.token({
          subject: 'alice',
          client: 'reports',
          email: null,
          actor: { subject: 'reports', actor: { subject: 'jobs', actor: null } },
        }),
      ],
    ] as const;
    for (const [claims, token] of pairs) {
      const ofTest = decodeJwt(token);
      expect(Object.keys(ofTest)).toEqual(Object.keys(claims));
      for (const name of ['sub', 'client_id', 'scope', 'roles', 'act', 'cnf'])
        expect([name, ofTest[name]]).toEqual([name, claims[name]]);
    }
  });
});

describe('the verifier of the client package', () => {
  it('accepts every kind of token that the service mints, each in its own way', async () => {
    const key = await DpopKey.create(app);
    const verifier = createVerifier({
      issuer: 'http://localhost:3000',
      audience: 'api',
      revocation: false,
      publicUrl: 'https://orders.example.com',
      jwksUri: `${app.http.baseUrl}/.well-known/jwks.json`,
    });
    const grant = { subject: 'reports', client: 'reports', issuedAt: app.clock.seconds() };
    const issue = (more: Partial<TokenGrant>) =>
      app.app.get(AccessTokens).issue({ ...grant, audiences: ['api'], ...more }).token;

    expect(await verifier.verify(issue({ audiences: ['orders', 'api'], scopes: ['a'] }))).toMatchObject({
      session: null,
      subject: 'reports',
      audiences: ['orders', 'api'],
      scopes: ['a'],
      roles: [],
    });
    const actor = { subject: 'orders', actor: null };
    expect(await verifier.verify(issue({ subject: 'alice', actor }))).toMatchObject({ subject: 'alice', actor });

    const { access_token: bound } = await key.login((await app.createUser()).email);
    await expect(verifier.verify(bound)).rejects.toMatchObject({ code: 'token_bound' });
    const presented = async () => ({
      proof: await key.proof('GET', 'https://orders.example.com/orders', bound),
      method: 'GET',
      url: '/orders',
    });
    expect(await verifier.verify(bound, await presented())).toMatchObject({ keyThumbprint: key.thumbprint });
    await expect(verifier.verify(issue({ audiences: ['other'] }))).rejects.toMatchObject({ code: 'token_invalid' });
    await verifier.close();
  });
});

async function firstKey(): Promise<object> {
  const { body } = await app.http.get<{ keys: object[] }>('/.well-known/jwks.json');
  return body.keys[0]!;
}
