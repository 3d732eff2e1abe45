import { createHash, createHmac } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT, calculateJwkThumbprint } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVerifier, TokenError, type PresentedProof, type Verifier, type VerifierOptions } from '../index.js';
import { createTestIssuer, type ClientKey, type TestIssuer } from '../testing/index.js';

const ORIGIN = 'https://orders.example.com';
const URL = `${ORIGIN}/orders`;

let issuer: TestIssuer;
let verifier: Verifier;
let key: ClientKey;
let token: string;

async function begin(options: Partial<VerifierOptions> = { publicUrl: ORIGIN }): Promise<void> {
  verifier = createVerifier({ ...issuer.verifierOptions, ...options });
  await verifier.ready();
}

beforeEach(async () => {
  issuer = createTestIssuer();
  key = issuer.clientKey();
  token = issuer.token({ keyThumbprint: key.thumbprint });
  await begin();
});
afterEach(async () => {
  await verifier.close();
  await issuer.close();
});

const presented = (changes: Partial<PresentedProof> = {}, claims: Record<string, unknown> = {}): PresentedProof => ({
  proof: key.proof({ method: 'GET', url: URL, token, claims }),
  method: 'GET',
  url: '/orders',
  ...changes,
});

const judgement = (proof?: PresentedProof, judged = token): Promise<string> =>
  verifier.verify(judged, proof).then(
    () => 'accepted',
    (error: unknown) => (error instanceof TokenError ? error.code : String(error)),
  );

describe('a token that is bound to a key', () => {
  it('is accepted with a proof, the first time and from memory', async () => {
    expect(await judgement(presented())).toBe('accepted');
    expect(await judgement(presented())).toBe('accepted');
    expect((await verifier.verify(token, presented())).keyThumbprint).toBe(key.thumbprint);
  });

  it('is no bearer token, from memory neither', async () => {
    expect(await judgement()).toBe('token_bound');
    await verifier.verify(token, presented());
    expect(await judgement()).toBe('token_bound');
  });

  it('needs a proof that was not used before', async () => {
    const once = presented();
    expect(await judgement(once)).toBe('accepted');
    expect(await judgement(once)).toBe('invalid_dpop_proof');
    await issuer.advance(30);
    expect(await judgement(once)).toBe('invalid_dpop_proof');
    await issuer.advance(200);
    expect(await judgement(once)).toBe('invalid_dpop_proof');
  });

  it('needs a proof of its key', async () => {
    key = issuer.clientKey();
    expect(await judgement(presented())).toBe('invalid_dpop_proof');
  });

  it.each<[string, Record<string, unknown>]>([
    ['another token', { ath: createHash('sha256').update('other').digest('base64url') }],
    ['no token', { ath: undefined }],
    ['another method', { htm: 'POST' }],
    ['another route', { htu: `${ORIGIN}/users` }],
    ['another service', { htu: 'https://evil.example/orders' }],
    ['no URL', { htu: '/orders' }],
    ['a time long ago', { iat: Math.floor(Date.now() / 1000) - 70 }],
    ['a time to come', { iat: Math.floor(Date.now() / 1000) + 70 }],
    ['no time', { iat: undefined }],
    ['a time that is a text', { iat: String(Math.floor(Date.now() / 1000)) }],
    ['no id', { jti: undefined }],
    ['an empty id', { jti: '' }],
    ['a long id', { jti: 'x'.repeat(129) }],
    ['an end that has passed', { exp: 1 }],
    ['a beginning to come', { nbf: 9_999_999_999 }],
  ])('does not pass by a proof for %s', async (_, claims) =>
    expect(await judgement(presented({}, claims))).toBe('invalid_dpop_proof'),
  );

  it.each(['', 'abc', 'a.b.c', 'bnVsbA.bnVsbA.AAAA'])('does not pass by %j in the place of a proof', async (proof) =>
    expect(await judgement(presented({ proof }))).toBe('invalid_dpop_proof'),
  );

  it('does not pass by two proofs, by one that is altered, or by an HMAC with the public key', async () => {
    const { proof } = presented();
    const [header, payload, signature] = proof.split('.') as [string, string, string];
    const symmetric = Buffer.from(JSON.stringify({ typ: 'dpop+jwt', alg: 'HS256', jwk: key.jwk })).toString(
      'base64url',
    );
    const hmac = createHmac('sha256', JSON.stringify(key.jwk)).update(`${symmetric}.${payload}`).digest('base64url');
    for (const other of [
      `${proof}, ${proof}`,
      `${header}.${payload}A.${signature}`,
      `${header}.${payload}.${signature}=`,
      `${symmetric}.${payload}.${hmac}`,
    ])
      expect(await judgement(presented({ proof: other }))).toBe('invalid_dpop_proof');
  });

  it('may be asked for by another spelling of the URL', async () => {
    expect(await judgement(presented({ url: '/orders?page=2' }))).toBe('accepted');
    expect(await judgement(presented({ url: 'HTTPS://ORDERS.example.com:443/%6Frders' }))).toBe('accepted');
    expect(await judgement(presented({ url: '/orders/' }))).toBe('invalid_dpop_proof');
  });

  it('is refused for what a bearer token is refused for', async () => {
    await issuer.revokeSession(token);
    expect(await judgement(presented())).toBe('token_revoked');
  });

  it.each(['ES256', 'EdDSA', 'Ed25519', 'PS256', 'RS256'])(
    'may be bound to a key for %s of another maker',
    async (alg) => {
      const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
      const jwk = await exportJWK(publicKey);
      const bound = issuer.token({ keyThumbprint: await calculateJwkThumbprint(jwk) });
      const proofWith = (header: object) =>
        new SignJWT({
          jti: crypto.randomUUID(),
          htm: 'GET',
          htu: URL,
          iat: Math.floor(issuer.now() / 1000),
          ath: createHash('sha256').update(bound).digest('base64url'),
        })
          .setProtectedHeader({ typ: 'dpop+jwt', alg, jwk, ...header })
          .sign(privateKey, { crit: { ext: true } });
      expect(await judgement(presented({ proof: await proofWith({}) }), bound)).toBe('accepted');
      for (const header of [
        { typ: 'JWT' },
        { typ: undefined },
        { jwk: undefined },
        { crit: ['ext'], ext: true },
        { jwk: { ...jwk, kty: 'oct', k: 'AAAA' } },
        { jwk: await exportJWK(privateKey) },
        { jwk: key.jwk },
      ])
        expect(await judgement(presented({ proof: await proofWith(header) }), bound)).toBe('invalid_dpop_proof');
    },
  );
});

describe('a verifier', () => {
  it('refuses a bearer token that is brought with a proof', async () => {
    token = issuer.token();
    expect(await judgement(presented())).toBe('token_invalid');
    expect(await judgement()).toBe('accepted');
  });

  it('takes no URL from a request where it was told none', async () => {
    await verifier.close();
    await begin({});
    expect(await judgement(presented())).toBe('invalid_dpop_proof');
    expect(await judgement(presented({ url: URL }))).toBe('accepted');
  });

  it('may be told to accept bound tokens alone', async () => {
    await verifier.close();
    await begin({ publicUrl: ORIGIN, requireDpop: true });
    expect(await judgement(undefined, issuer.token())).toBe('token_unbound');
    expect(await judgement(presented())).toBe('accepted');
  });
});
