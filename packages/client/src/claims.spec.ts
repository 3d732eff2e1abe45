import { describe, expect, it } from 'vitest';
import { MAX_LIFETIME, principalOf } from './claims.js';
import type { TokenError } from './errors.js';

const NOW = 1_795_400_000;
const EXPECTED = { issuer: 'https://auth.example.com', audiences: ['api', 'orders'], clockTolerance: 5 };
const CLAIMS = {
  iss: 'https://auth.example.com',
  sub: '0190f3a4-5b6c-7def-8123-456789abcdef',
  aud: 'api',
  exp: NOW + 600,
  iat: NOW,
  jti: 'q83vEjRWeJCr',
  client_id: 'web',
  sid: 'AZDzpFtsfe-BI0VniavN7w',
  scope: 'orders:read orders:write',
  roles: ['user', 'admin'],
  email: 'alice@example.com',
};

const JKT = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I';

const readText = (json: string | Buffer, now = NOW) =>
  principalOf(Buffer.from(json).toString('base64url'), EXPECTED, now);
const read = (claims: unknown, now = NOW) => readText(JSON.stringify(claims) ?? '', now);
const refusalOf = (work: () => unknown): TokenError | null => {
  try {
    work();
    return null;
  } catch (error) {
    expect(error).toMatchObject({ code: 'token_invalid', cause: { check: expect.any(String) } });
    return error as TokenError;
  }
};
const accepts = (changes: Record<string, unknown>, now = NOW) =>
  refusalOf(() => read({ ...CLAIMS, ...changes }, now)) === null;

describe('the principal', () => {
  it('is what the claims state', () =>
    expect(read(CLAIMS)).toEqual({
      subject: CLAIMS.sub,
      session: CLAIMS.sid,
      client: 'web',
      audiences: ['api'],
      roles: ['user', 'admin'],
      scopes: ['orders:read', 'orders:write'],
      email: 'alice@example.com',
      actor: null,
      keyThumbprint: null,
      tokenId: CLAIMS.jti,
      issuedAt: NOW,
      expiresAt: NOW + 600,
    }));

  it('cannot be changed, because others get it too', () => {
    const principal = read(CLAIMS);
    expect(() => Object.assign(principal, { subject: 'bob' })).toThrow(TypeError);
    expect(() => (principal.roles as string[]).push('admin')).toThrow(TypeError);
    expect(() => (principal.scopes as string[]).push('all')).toThrow(TypeError);
  });

  it.each([
    ['scope', { scopes: [] }],
    ['roles', { roles: [] }],
    ['email', { email: null }],
    ['sid', { session: null }],
  ])('has less where %s is left out', (name, less) =>
    expect(read({ ...CLAIMS, [name]: undefined })).toMatchObject(less),
  );

  it('names everybody whom the token is meant for', () => {
    expect(read({ ...CLAIMS, aud: ['other', 'api'] })).toMatchObject({ audiences: ['other', 'api'] });
    expect(Object.isFrozen(read({ ...CLAIMS, aud: ['other', 'api'] }).audiences)).toBe(true);
  });

  it('names who acts for it (RFC 8693 4.1)', () => {
    const act = { sub: 'orders', act: { sub: 'gateway' } };
    const actor = { subject: 'orders', actor: { subject: 'gateway', actor: null } };
    expect(read({ ...CLAIMS, act }).actor).toEqual(actor);
    expect(() => Object.assign(read({ ...CLAIMS, act }).actor!, { subject: 'x' })).toThrow(TypeError);
  });

  it('names the key that the token is bound to (RFC 9449 6.1)', () =>
    expect(read({ ...CLAIMS, cnf: { jkt: JKT } })?.keyThumbprint).toBe(JKT));

  it('may come with claims that are not known here', () => expect(accepts({ status: { idx: 1 } })).toBe(true));
});

describe('the audience', () => {
  it.each<[unknown, boolean]>([
    ['api', true],
    ['orders', true],
    [['orders'], true],
    [['other', 'api'], true],
    ['other', false],
    ['API', false],
    ['api ', false],
    ['api orders', false],
    [[], false],
    [['other'], false],
    [['api', 1], false],
    [['api', ''], false],
    [{ 0: 'api', length: 1 }, false],
  ])('%j', (aud, expected) => expect(accepts({ aud })).toBe(expected));
});

describe('a claim', () => {
  const FOREIGN = [undefined, null, '', 0, 1, true, {}, [], ['x']];

  it.each(['iss', 'sub', 'aud', 'exp', 'iat', 'jti', 'client_id'])('%s must be there', (name) =>
    expect(accepts({ [name]: undefined })).toBe(false),
  );

  it.each(['iss', 'sub', 'aud', 'jti', 'client_id'])('%s must be a text', (name) =>
    expect(FOREIGN.filter((value) => accepts({ [name]: value }))).toEqual([]),
  );

  it.each(['scope', 'email', 'sid'])('%s must be a text where it is there', (name) =>
    expect(FOREIGN.slice(1).filter((value) => accepts({ [name]: value }))).toEqual([]),
  );

  it.each([null, '', 'admin', 1, true, {}, { 0: 'admin', length: 1 }, [''], [1], [null], [['admin']], ['user', 1]])(
    'roles is a list of texts, not %j',
    (roles) => expect(accepts({ roles })).toBe(false),
  );

  it.each(['sub', 'client_id', 'jti', 'email', 'scope'])(
    '%s is of a form and a length that can be stored and logged',
    (name) =>
      expect(
        ['a\0b', 'a\nb', '\ud800', 'x y\r', ...(name === 'scope' ? ['a  b', ' a'] : ['x'.repeat(256)])].filter(
          (value) => accepts({ [name]: value }),
        ),
      ).toEqual([]),
  );

  it.each([['a\0'], ['\ud800'], ['x'.repeat(256)]])('roles are such, too, not %j', (role) =>
    expect(accepts({ roles: ['user', role] })).toBe(false),
  );

  const chain = (length: number): object => ({ sub: 'a', ...(length > 1 && { act: chain(length - 1) }) });
  it.each<[unknown, boolean]>([
    [chain(4), true],
    [chain(5), false],
    [null, false],
    ['orders', false],
    [{}, false],
    [[], false],
    [{ sub: '' }, false],
    [{ sub: 1 }, false],
    [{ sub: 'a', act: null }, false],
    [{ sub: 'a', act: {} }, false],
  ])('act is a chain of at most four: %j', (act, expected) => expect(accepts({ act })).toBe(expected));

  it.each([null, 'x', JKT, {}, [], { jkt: '' }, { jkt: `${JKT}A` }, { jkt: [JKT] }, { 'x5t#S256': JKT }, { jwk: {} }])(
    'cnf is a thumbprint, because nothing else could be checked, not %j',
    (cnf) => expect(accepts({ cnf })).toBe(false),
  );

  it.each(['https://auth.example.com/', 'https://AUTH.example.com', 'http://auth.example.com', 'https://evil.example'])(
    'iss is the issuer, to the letter, not %s',
    (iss) => expect(accepts({ iss })).toBe(false),
  );

  it.each(['short', `${CLAIMS.sid}A`, `${CLAIMS.sid.slice(0, -1)}=`, `${CLAIMS.sid}\n`, CLAIMS.sub])(
    'sid is 22 characters, because it could not be revoked otherwise, not %j',
    (sid) => expect(accepts({ sid })).toBe(false),
  );

  it.each(['exp', 'iat'])('%s is a whole number of seconds', (name) => {
    const value = CLAIMS[name as 'exp'];
    const others = [String(value), value + 0.5, -value, 0, 2 ** 53, null, true, [value], {}];
    expect(others.filter((other) => accepts({ [name]: other }))).toEqual([]);
  });
});

describe('the times of a token', () => {
  it('begin at most the tolerance ahead of the clock', () => {
    expect(accepts({ iat: NOW + 5 })).toBe(true);
    expect(accepts({ iat: NOW + 6 })).toBe(false);
  });

  it('are at most 60 minutes apart', () => {
    expect(MAX_LIFETIME).toBe(3600);
    expect(accepts({ exp: NOW + 3600 })).toBe(true);
    expect(accepts({ exp: NOW + 3601 })).toBe(false);
  });

  it('are in order', () => {
    expect(accepts({ exp: NOW })).toBe(false);
    expect(accepts({ exp: NOW - 1 })).toBe(false);
    expect(accepts({ exp: NOW + 1 })).toBe(true);
  });
});

describe('a payload that the issuer would not write', () => {
  const JSON_TEXT = JSON.stringify(CLAIMS);
  const edited = (from: string, to: string) => {
    expect(JSON_TEXT).toContain(from);
    return JSON_TEXT.replace(from, to);
  };

  it('is told apart from one that it would', () => expect(readText(JSON_TEXT)).not.toBeNull());

  it.each([
    ['a claim twice', edited('"aud":"api"', '"aud":"api","aud":"api"')],
    ['a space', edited('"aud":"api"', '"aud": "api"')],
    ['a line end behind', `${JSON_TEXT}\n`],
    ['an escape that is not needed', edited('"api"', '"\\u0061pi"')],
    ['a number with an exponent', edited(`"iat":${NOW}`, '"iat":17954e5')],
    ['a number with a fraction of zero', edited(`"iat":${NOW}`, `"iat":${NOW}.0`)],
    ['a number beyond a double', edited(`"exp":${NOW + 600}`, '"exp":1e400')],
    ['a byte order mark', `\uFEFF${JSON_TEXT}`],
    ['nothing', ''],
    ['no JSON', 'claims'],
    ['half of it', JSON_TEXT.slice(0, -1)],
  ])('is refused: %s', (_, json) => expect(refusalOf(() => readText(json))?.cause?.check).toBe('payload'));

  it('is refused: bytes that are not UTF-8', () => {
    const bytes = Buffer.from(edited('alice', 'ali?e'));
    bytes[bytes.indexOf('?')] = 0xff;
    expect(refusalOf(() => readText(bytes))?.cause?.check).toBe('payload');
  });

  it.each([null, 'text', 1, true, [], [CLAIMS], {}])('is refused: %j', (claims) =>
    expect(refusalOf(() => read(claims))).not.toBeNull(),
  );
});
