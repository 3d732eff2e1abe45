import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestIssuer } from '../../packages/client/src/testing/index.js';
import { TestApp } from '../support/create-app.js';

let app: TestApp;
beforeAll(async () => void (app = await TestApp.start()));
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
});

async function firstKey(): Promise<object> {
  const { body } = await app.http.get<{ keys: object[] }>('/.well-known/jwks.json');
  return body.keys[0]!;
}
