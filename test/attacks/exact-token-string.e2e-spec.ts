import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';
import { type DecodedToken, decodeToken } from '../support/decode-token.js';
import { encode, forge, ownSigner } from './forged-token.js';
import { askRaw } from './raw-http.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
// The order n of P-256 (SP 800-186 3.2.1.3).
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

describe('an access token in any form but the one that was minted', () => {
  let app: TestApp;
  let genuine: string;
  let opened: DecodedToken;

  beforeAll(async () => {
    app = await TestApp.start();
    genuine = (await app.signedInUser()).tokens.access_token;
    opened = decodeToken(genuine);
  });
  afterAll(() => app.close());
  afterEach(async () => {
    expect((await app.http.get('/auth/me', { token: genuine })).status).toBe(200);
  });

  const raw = (...headers: string[]) => askRaw(app.http.baseUrl, 'GET', '/auth/me', headers);
  const expectInvalid = async (token: string) => {
    const answer = await app.http.get<{ code: string }>('/auth/me', { token });
    expect({ token, status: answer.status, code: answer.body.code }).toEqual({
      token,
      status: 401,
      code: 'token_invalid',
    });
  };

  it('is refused with other unused bits at the end of a segment', async () => {
    const last = (segment: string) => ALPHABET.indexOf(segment.at(-1)!);
    let twins = 0;
    for (const [index, segment] of opened.segments.entries()) {
      const unused = { 0: 0, 2: 4, 3: 2 }[segment.length % 4]!;
      for (let bits = 1; bits < 2 ** unused; bits++) {
        const twin = segment.slice(0, -1) + ALPHABET[last(segment) + bits]!;
        // The twin decodes to the same bytes: only an exact look at the text tells it from the original.
        expect(Buffer.from(twin, 'base64url').equals(Buffer.from(segment, 'base64url'))).toBe(true);
        await expectInvalid(opened.segments.with(index, twin).join('.'));
        twins++;
      }
    }
    expect(twins).toBeGreaterThanOrEqual(15); // the 64 bytes of an ES256 signature alone leave four bits
  });

  it('is refused with any one character of its signature or claims changed', async () => {
    for (let at = 1; at < genuine.length; at += 7) {
      if (genuine[at] === '.') continue;
      const other = ALPHABET[(ALPHABET.indexOf(genuine[at]!) + 16) % 64]!;
      await expectInvalid(genuine.slice(0, at) + other + genuine.slice(at + 1));
    }
  });

  it('is refused with padding, another alphabet, more dots, and fewer', async () => {
    const [header, claims, signature] = opened.segments;
    const standard = Buffer.from(signature, 'base64url').toString('base64');
    const forms = [
      `${genuine}=`,
      `${genuine}==`,
      `${header}=.${claims}.${signature}`,
      `${header}.${claims}=.${signature}`,
      `${header}.${claims}.${standard}`,
      `${header}.${claims}.${standard.replace(/=+$/, '')}+`,
      `.${genuine}`,
      `${genuine}.`,
      `${genuine}.${signature}`,
      `${header}..${claims}.${signature}`,
      `${header}.${claims}`,
      `${header}.${signature}`,
      `${header}.${claims}.`,
      `..`,
      '.',
      header,
      `${header}.${claims}.${signature}.a.b`,
      `${genuine},${genuine}`,
      `"${genuine}"`,
      `${genuine};`,
      `${genuine}%20`,
      `${genuine}%00`,
      encodeURIComponent(`${genuine}\n`),
      `${header}.${claims}.${signature}${signature}`,
      `${header}%2E${claims}.${signature}`,
    ];
    for (const form of forms) await expectInvalid(form);
  });

  it.each(['=', '+', '/', ' ', '\t', '~'])('is refused with %j within a segment', async (character) => {
    const [header, claims, signature] = opened.segments;
    for (const token of [
      `${header}.${claims}.${signature.slice(0, 9)}${character}${signature.slice(9)}`,
      `${header}.${claims.slice(0, 9)}${character}${claims.slice(9)}.${signature}`,
      `${header}${character}.${claims}.${signature}`,
    ]) {
      expect((await raw(`Authorization: Bearer ${token}`)).status).toBe(401);
    }
  });

  it('is refused beyond 8 kB, whatever signed it', async () => {
    const ofLength = (length: number) => {
      const make = (padding: number) =>
        forge(opened.header, { ...opened.claims, scope: 'x'.repeat(padding) }, ownSigner(app));
      for (let padding = Math.floor((length * 3) / 4) - 400; ; padding++) {
        if (make(padding).length >= length) return make(padding);
      }
    };
    const longest = ofLength(8190);
    expect(longest.length).toBeLessThanOrEqual(8192);
    expect((await app.http.get('/auth/me', { token: longest })).status).toBe(200);
    for (const length of [8193, 9000, 12_000]) await expectInvalid(ofLength(length));
    const { status } = await raw(`Authorization: Bearer ${ofLength(40_000)}`);
    expect(status).toBe(431);
  });

  it('does not escape a revocation under another valid signature', async () => {
    const { access_token: token } = await app.login(String(opened.claims.email));
    const { segments } = decodeToken(token);
    const signature = Buffer.from(segments[2], 'base64url');
    const s = N - BigInt(`0x${signature.subarray(32).toString('hex')}`);
    const mirrored = Buffer.concat([signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]);
    const twin = [segments[0], segments[1], mirrored.toString('base64url')].join('.');
    expect(twin).not.toBe(token);
    expect((await app.http.post('/auth/logout', undefined, { token })).status).toBe(204);
    for (const each of [token, twin]) {
      expect(await app.http.get('/auth/me', { token: each })).toMatchObject({
        status: 401,
        body: { code: 'token_revoked' },
      });
    }
  });

  // Two readers of `{"sub":"a","sub":"b"}` may each see another subject (RFC 7519 4).
  it('is refused where a claim stands twice, even signed with our own key', async () => {
    const json = JSON.stringify(opened.claims);
    const duplicates = [
      json.replace('{', '{"sub":"somebody",'),
      json.replace('{', '{"\\u0073ub":"somebody",'),
      json.replace('}', ',"roles":["admin"]}'),
      json.replace('}', ',"exp":9999999999}'),
      json.replace(/"sub":"[^"]+"/, '$&,$&'),
    ];
    for (const text of duplicates) await expectInvalid(forge(opened.header, text, ownSigner(app)));
  });

  it('is refused where its claims are no JSON object in UTF-8, even signed with our own key', async () => {
    const { claims, header } = opened;
    const json = JSON.stringify(claims);
    const signed = (text: string) => forge(header, text, ownSigner(app));
    expect((await app.http.get('/auth/me', { token: signed(json) })).status).toBe(200);
    const texts = [`[${json}]`, json + json, `${json} x`, json.slice(0, -1), JSON.stringify(json)];
    texts.push(json.replaceAll('"', "'"), 'null', '1', '""', '[]', '{}', ' ', `\uFEFF${json}`);
    for (const text of texts) await expectInvalid(signed(text));
    const input = `${encode(header)}.${Buffer.from(json.replace(/"email":"./, '"email":"\xff'), 'latin1').toString('base64url')}`;
    await expectInvalid(`${input}.${ownSigner(app)(input).toString('base64url')}`);
  });
});
