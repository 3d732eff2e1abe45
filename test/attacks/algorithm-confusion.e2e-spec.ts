import { createPublicKey, generateKeyPairSync, sign, type JsonWebKey } from 'node:crypto';
import { exportJWK, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { KeyRing } from '../../src/keys/key-ring.js';
import { TestApp } from '../support/create-app.js';
import { type DecodedToken, decodeToken } from '../support/decode-token.js';
import { es256, forge, hmac, ownSigner, rs256 } from './forged-token.js';

const foreignEc = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const foreignRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const SECRET = 'aGFsZiBhIGRvemVuIGVnZ3MsIHR3byBsZW1vbnMsIDEga2cgZmxvdXI=';

describe.each([
  { alg: 'ES256', environment: {} },
  { alg: 'RS256', environment: { JWT_ALG: 'RS256' } },
  { alg: 'HS256', environment: { JWT_ALG: 'HS256', JWT_SECRET: SECRET } },
])('forging an access token of a service that signs with $alg', ({ alg, environment }) => {
  let app: TestApp;
  let genuine: string;
  let opened: DecodedToken;

  beforeAll(async () => {
    app = await TestApp.start(environment);
    const { tokens } = await app.signedInUser();
    genuine = tokens.access_token;
    opened = decodeToken(genuine);
    expect(opened.header).toEqual({ alg, typ: 'at+jwt', kid: opened.header.kid });
  });
  afterAll(() => app.close());

  const present = async (token: string) => {
    const { status, body, headers } = await app.http.get<{ code: string }>('/auth/me', { token });
    return { status, code: body.code, challenge: headers.get('www-authenticate') };
  };
  const metadata = 'http://localhost:3000/.well-known/oauth-protected-resource';
  const challenge = `Bearer error="invalid_token", resource_metadata="${metadata}"`;
  const refused = { status: 401, code: 'token_invalid', challenge };
  /** The genuine header and claims, signed by the service's own key: what a test changes is all that is wrong. */
  const withHeader = (header: unknown) => forge(header, opened.claims, ownSigner(app));

  afterEach(async () => {
    expect(await present(genuine)).toMatchObject({ status: 200 });
    expect(await present(withHeader(opened.header))).toMatchObject({ status: 200 });
  });

  it.each(['none', 'None', 'NONE', 'nOnE', 'none ', '', null, undefined])('refuses alg %j', async (spelling) => {
    const { claims, header, segments } = opened;
    const unsigned = forge({ ...header, alg: spelling }, claims, () => Buffer.alloc(0));
    for (const token of [unsigned, unsigned.slice(0, -1), `${unsigned}${segments[2]}`, `${unsigned}AA`]) {
      const answer = await present(token);
      expect(answer, token).toEqual(refused);
    }
    expect(await present(withHeader({ ...header, alg: spelling }))).toEqual(refused);
    const bare = forge({ alg: spelling }, claims, () => Buffer.alloc(0));
    expect(await present(bare)).toEqual(refused);
  });

  it('refuses its own header with no signature, with zeros and with noise', async () => {
    const [header, claims] = opened.segments;
    for (const signature of [Buffer.alloc(0), Buffer.alloc(64), Buffer.alloc(256), Buffer.alloc(64, 0xff)]) {
      expect(await present(`${header}.${claims}.${signature.toString('base64url')}`)).toEqual(refused);
    }
  });

  it.each(['HS256', 'HS384', 'HS512'])('refuses %s keyed with what is public', async (hs) => {
    const { kid } = opened.header;
    const { keys } = (await app.http.get<{ keys: JsonWebKey[] }>('/.well-known/jwks.json')).body;
    const secrets: (string | Buffer)[] = ['', 'secret', kid];
    for (const jwk of keys) {
      const key = createPublicKey({ key: jwk, format: 'jwk' });
      const served = (await app.http.get(`/keys/${String(jwk.kid)}.pem`)).text;
      const pem = key.export({ format: 'pem', type: 'spki' }).toString();
      expect(served.trim()).toBe(pem.trim());
      secrets.push(served, pem.trim(), pem.replaceAll('\n', ''), key.export({ format: 'der', type: 'spki' }));
      secrets.push(JSON.stringify(jwk), JSON.stringify(key.export({ format: 'jwk' })));
      secrets.push(...[jwk.x, jwk.n].filter((part) => part !== undefined));
    }
    expect(secrets.length).toBeGreaterThan(alg === 'HS256' ? 2 : 9);
    for (const secret of secrets) {
      const signer = hmac(secret, hs.replace('HS', 'sha'));
      expect(await present(forge({ ...opened.header, alg: hs }, opened.claims, signer))).toEqual(refused);
      expect(await present(forge(opened.header, opened.claims, signer))).toEqual(refused);
    }
  });

  it('refuses every other algorithm, even signed with its own key', async () => {
    const others = `ES256 ES384 ES512 ES256K RS256 RS512 PS256 EdDSA HS256 ${alg.toLowerCase()}`.split(' ');
    for (const other of others) {
      if (other === alg) continue;
      expect(await present(withHeader({ ...opened.header, alg: other })), other).toEqual(refused);
      for (const signer of [es256(foreignEc.privateKey), rs256(foreignRsa.privateKey), hmac('secret')]) {
        expect(await present(forge({ ...opened.header, alg: other }, opened.claims, signer)), other).toEqual(refused);
      }
    }
  });

  it('refuses a foreign key under its own kid, made by a library or by hand', async () => {
    const byLibrary = await new SignJWT(opened.claims)
      .setProtectedHeader({ ...opened.header, alg: 'ES256' })
      .sign(foreignEc.privateKey);
    expect(await present(byLibrary)).toEqual(refused);
    for (const signer of [es256(foreignEc.privateKey), rs256(foreignRsa.privateKey)]) {
      expect(await present(forge(opened.header, opened.claims, signer))).toEqual(refused);
    }
  });

  it('takes no key from the token itself', async () => {
    const jwk = { ...(await exportJWK(foreignEc.publicKey)), alg: 'ES256', kid: opened.header.kid };
    const url = `${app.http.baseUrl}/.well-known/jwks.json`;
    const members = [{ jwk }, { jku: url }, { x5u: url }, { x5c: ['MIIB'] }, { x5t: 'abc' }, { jwk, kid: undefined }];
    for (const member of members) {
      const header = { ...opened.header, ...member };
      expect(await present(forge({ ...header, alg: 'ES256' }, opened.claims, es256(foreignEc.privateKey)))).toEqual(
        refused,
      );
      expect(await present(withHeader(header)), JSON.stringify(member)).toEqual(refused);
    }
  });

  it('lets a kid name nothing but a key', async () => {
    const kids = [
      '',
      null,
      undefined,
      0,
      true,
      [opened.header.kid],
      {},
      '../../../../dev/null',
      '/dev/null',
      'file:///dev/null',
      `${opened.header.kid}\u0000`,
      `${opened.header.kid} `,
      `x' OR '1'='1`,
      `x' UNION SELECT 'AA'--`,
      '; DROP TABLE users',
      '__proto__',
      'constructor',
      'toString',
      '%00',
      'a'.repeat(2000),
      'http://127.0.0.1:1/key',
    ];
    for (const kid of kids) {
      expect(await present(withHeader({ ...opened.header, kid })), JSON.stringify(kid)).toEqual(refused);
      const empty = forge({ ...opened.header, alg: 'HS256', kid }, opened.claims, hmac(''));
      expect(await present(empty), JSON.stringify(kid)).toEqual(refused);
    }
  });

  it('accepts its header in one form only, even signed with its own key', async () => {
    const { header } = opened;
    const json = JSON.stringify(header);
    const forms: unknown[] = [
      { typ: header.typ, alg: header.alg, kid: header.kid },
      { kid: header.kid, alg: header.alg, typ: header.typ },
      { alg: header.alg, kid: header.kid },
      { ...header, cty: 'JWT' },
      { ...header, crit: [] },
      { ...header, crit: ['exp'] },
      { ...header, crit: ['b64'], b64: false },
      { ...header, zip: 'DEF' },
      { ...header, enc: 'A128GCM' },
      { ...header, x: 1 },
      json.replace('{', '{"alg":"none",'),
      json.replace('}', ',"alg":"none"}'),
      json.replace(/"kid":"[^"]+"/, '$&,$&'),
      json.replace('{', '{ '),
      `${json}\n`,
      ` ${json}`,
      `\uFEFF${json}`,
      json.replace('"alg"', '"\\u0061lg"'),
      json.replaceAll('"', "'"),
      `[${json}]`,
      'null',
      '{}',
      '{',
    ];
    for (const typ of ['JWT', 'jwt', 'AT+JWT', 'application/at+jwt', 'dpop+jwt', '', null])
      forms.push({ ...header, typ });
    for (const form of forms) {
      expect(await present(withHeader(form)), JSON.stringify(form)).toEqual(refused);
    }
  });

  it('refuses a signature in another encoding', async () => {
    const [header, claims, signature] = opened.segments;
    const raw = Buffer.from(signature, 'base64url');
    const others = [
      raw.toString('hex'),
      Buffer.from(signature).toString('base64url'),
      raw.subarray(1).toString('base64url'),
    ];
    others.push(Buffer.concat([raw, Buffer.alloc(2)]).toString('base64url'));
    if (alg === 'ES256') {
      const key = app.app.get(KeyRing).signer.signingKey;
      others.push(
        sign('sha256', Buffer.from(`${header}.${claims}`), { key, dsaEncoding: 'der' }).toString('base64url'),
      );
    }
    for (const other of others) expect(await present(`${header}.${claims}.${other}`), other).toEqual(refused);
  });
});
