import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ProofFault, readProof, type ProofTarget } from './proof.js';

const NOW = 1_795_400_000;
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = publicKey.export({ format: 'jwk' });
const TOKEN = 'a.b.c';
const ATH = createHash('sha256').update(TOKEN).digest('base64url');
const TARGET: ProofTarget = { method: 'GET', url: 'https://api.example.com/orders?all', accessToken: TOKEN };
const HEADER = { typ: 'dpop+jwt', alg: 'ES256', jwk };
const CLAIMS = { jti: 'id', htm: 'GET', htu: 'https://api.example.com/orders', iat: NOW, ath: ATH };

const encode = (part: unknown): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');

function made(claims: unknown, header: unknown = HEADER): string {
  const input = `${encode(header)}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

/** `accepted`, or the fault. */
function judged(jwt: string, target = TARGET): string {
  try {
    readProof(jwt, target, NOW);
    return 'accepted';
  } catch (error) {
    if (error instanceof ProofFault) return error.message;
    throw error;
  }
}

const claiming = (changes: Record<string, unknown>) => judged(made({ ...CLAIMS, ...changes }));
const headed = (changes: Record<string, unknown>) => judged(made(CLAIMS, { ...HEADER, ...changes }));

describe('a proof', () => {
  it('says which key its sender holds', () => {
    expect(readProof(made({ ...CLAIMS, nonce: 'n' }), TARGET, NOW)).toEqual({
      thumbprint: expect.stringMatching(/^[\w-]{43}$/),
      id: 'id',
      nonce: 'n',
      isTimely: true,
    });
    expect(readProof(made(CLAIMS), TARGET, NOW).nonce).toBeNull();
  });

  it('may be written with spaces, and with more than is needed', () => {
    expect(judged(made(JSON.stringify(CLAIMS, null, 2)))).toBe('accepted');
    expect(claiming({ sub: 'alice', exp: NOW + 1, nbf: NOW })).toBe('accepted');
    expect(headed({ kid: 'mine' })).toBe('accepted');
  });

  it('for a token that is still to be issued needs no `ath`', () => {
    const target = { ...TARGET, accessToken: null };
    expect(judged(made({ ...CLAIMS, ath: undefined }), target)).toBe('accepted');
    expect(judged(made(CLAIMS), target)).toBe('accepted');
  });

  it.each([
    ['', 'compact'],
    ['abc', 'compact'],
    [`${made(CLAIMS)}, ${made(CLAIMS)}`, 'compact'],
    [`${made(CLAIMS)}.`, 'compact'],
    [`${made(CLAIMS)}=`, 'compact'],
    [made(CLAIMS).replace(/\.[^.]+$/, '.'), 'compact'],
    [made({ ...CLAIMS, pad: 'x'.repeat(7000) }), 'compact'],
    [made('no JSON'), 'JSON'],
    [made('null'), 'JSON'],
    [made(CLAIMS, 'no JSON'), 'JSON'],
    [made(CLAIMS, '"text"'), 'JSON'],
  ])('is refused for its form: %.40s', (jwt, word) => expect(judged(jwt)).toContain(word));

  it.each([undefined, 'JWT', 'at+jwt', 'DPoP+JWT', 'application/dpop+jwt', null, 1])('is refused: `typ` %j', (typ) =>
    expect(headed({ typ })).toContain('typ'),
  );

  it.each([
    { alg: 'none' },
    { alg: 'HS256' },
    { alg: 'ES384' },
    { alg: undefined },
    { jwk: undefined },
    { jwk: privateKey.export({ format: 'jwk' }) },
  ])('is refused for its key: %j', (changes) => expect(headed(changes)).toContain('alg'));

  it('is refused with an extension that must be understood', () =>
    expect(headed({ crit: ['b64'], b64: false })).toContain('crit'));

  it('is refused where another key has signed it', () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
    expect(headed({ jwk: other })).toContain('signature');
    const [header, , signature] = made(CLAIMS).split('.') as [string, string, string];
    expect(judged(`${header}.${encode({ ...CLAIMS, jti: 'other' })}.${signature}`)).toContain('signature');
  });

  it.each([undefined, null, '', 1, 'x'.repeat(129), ['id']])('is refused: `jti` %j', (jti) =>
    expect(claiming({ jti })).toContain('jti'),
  );
  it.each([undefined, null, '', 'POST', 'get', ['GET']])('is refused: `htm` %j', (htm) =>
    expect(claiming({ htm })).toContain('htm'),
  );
  it.each([undefined, null, '', '/orders', 'https://api.example.com/', 'http://api.example.com/orders', [CLAIMS.htu]])(
    'is refused: `htu` %j',
    (htu) => expect(claiming({ htu })).toContain('htu'),
  );
  it.each([undefined, null, String(NOW), true])('is refused: `iat` %j', (iat) =>
    expect(claiming({ iat })).toContain('iat'),
  );
  it.each([
    [NOW - 61, false],
    [NOW - 60, true],
    [NOW - 0.5, true],
    [NOW + 15, true],
    [NOW + 16, false],
    [NOW * 1000, false],
  ])('is timely with `iat` %j: %s', (iat, isTimely) =>
    expect(readProof(made({ ...CLAIMS, iat }), TARGET, NOW)).toMatchObject({ isTimely }),
  );
  it('is refused: `iat` 1e400', () =>
    expect(judged(made(JSON.stringify(CLAIMS).replace(String(NOW), '1e400')))).toContain('iat'));
  it.each([undefined, null, '', 'x', `${ATH}=`, createHash('sha256').update('a.b.d').digest('base64url')])(
    'is refused: `ath` %j',
    (ath) => expect(claiming({ ath })).toContain('ath'),
  );
  it.each([null, 'soon', NOW, NOW - 1])('is refused: `exp` %j', (exp) => expect(claiming({ exp })).toContain('exp'));
  it.each([null, 'soon', NOW + 16])('is refused: `nbf` %j', (nbf) => expect(claiming({ nbf })).toContain('nbf'));
  it.each([null, 1, ['n']])('is refused: `nonce` %j', (nonce) => expect(claiming({ nonce })).toContain('nonce'));

  it('is refused against a request without a URL that makes sense', () =>
    expect(judged(made({ ...CLAIMS, htu: 'nonsense' }), { ...TARGET, url: 'nonsense' })).toContain('htu'));
});
