import { describe, expect, it } from 'vitest';
import type { AppError } from '../common/errors.js';
import { CLOCK_SKEW, isExpired, MAX_ACTORS, MAX_LIFETIME, principalOf } from './claims.js';

const SERVICE = 'svc_AAAAAAAAAAAAAAAA';
const KEY = 'key_AAAAAAAAAAAAAAAA';
const NOW = 1_795_400_000;
const ISSUER = 'https://auth.example.com';
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
const without = (name: string) => Object.fromEntries(Object.entries(CLAIMS).filter(([key]) => key !== name));
const refusalOf = (claims: unknown, now = NOW): AppError | null => {
  try {
    principalOf(claims, ISSUER, now);
    return null;
  } catch (error) {
    expect(error).toMatchObject({ code: 'token_invalid', reason: expect.stringMatching(/: expected .+, found ./) });
    return error as AppError;
  }
};
const accepts = (changes: Record<string, unknown>, now = NOW) => refusalOf({ ...CLAIMS, ...changes }, now) === null;

describe('the principal', () => {
  it('is what the claims state', () => {
    expect(principalOf(CLAIMS, ISSUER, NOW)).toEqual({
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
    });
  });

  it.each([
    ['scope', { scopes: [] }],
    ['roles', { roles: [] }],
    ['email', { email: null }],
    ['sid', { session: null }],
  ])('has less where %s is left out', (name, less) =>
    expect(principalOf(without(name), ISSUER, NOW)).toMatchObject(less),
  );

  it('has no role where the list is empty', () =>
    expect(principalOf({ ...CLAIMS, roles: [] }, ISSUER, NOW)).toMatchObject({ roles: [] }));
});

describe('a claim', () => {
  const FOREIGN = [undefined, null, '', 0, 1, true, {}, [], ['api'], NaN];

  it.each(['iss', 'sub', 'aud', 'exp', 'iat', 'jti', 'client_id'])('%s must be there', (name) =>
    expect(refusalOf(without(name))?.reason).toMatch(new RegExp(`^${name}: .*, found nothing$`)),
  );

  it.each(['iss', 'sub', 'jti', 'client_id'])('%s must be a text', (name) => {
    expect(FOREIGN.filter((value) => accepts({ [name]: value }))).toEqual([]);
    expect(accepts({ [name]: [CLAIMS[name as 'sub']] })).toBe(false);
  });

  it.each(['scope', 'email', 'sid'])('%s must be a text where it is there', (name) => {
    const present = FOREIGN.filter((value) => value !== undefined);
    expect(present.filter((value) => accepts({ [name]: value }))).toEqual([]);
  });

  it.each([null, '', 'admin', 1, true, {}, { 0: 'admin', length: 1 }, [''], [1], [null], [['admin']], ['user', 1]])(
    'roles is a list of texts, not %j',
    (roles) => expect(accepts({ roles })).toBe(false),
  );

  it('status may say where it stands in a list', () => {
    const uri = 'https://auth.example.com/status-lists/0';
    for (const idx of [0, 131_071]) expect(accepts({ status: { status_list: { idx, uri } } })).toBe(true);
    const foreign = [null, {}, [], 'text', { idx: 0, uri }, { status_list: null }, { status_list: { idx: 0 } }];
    const wrong = [
      { idx: -1, uri },
      { idx: 0.5, uri },
      { idx: '0', uri },
      { idx: 0, uri: '' },
      { idx: 0, uri: 7 },
    ];
    const refused = [...foreign, ...wrong.map((status_list) => ({ status_list }))];
    expect(refused.filter((status) => accepts({ status }))).toEqual([]);
  });

  it.each(['https://auth.example.com/', 'https://AUTH.example.com', 'http://auth.example.com', 'https://evil.example'])(
    'iss is the issuer, to the letter, not %s',
    (iss) => expect(accepts({ iss })).toBe(false),
  );

  it.each([
    ['orders', ['orders']],
    [
      ['api', 'orders'],
      ['api', 'orders'],
    ],
  ])('aud is one audience or a list: %j', (aud, audiences) =>
    expect(principalOf({ ...CLAIMS, aud }, ISSUER, NOW)).toMatchObject({ audiences }),
  );

  it.each([null, '', 0, true, {}, [], [''], ['api'], ['api', 'api'], ['api', 1], [['api']], { 0: 'api', length: 1 }])(
    'aud is not %j',
    (aud) => expect(accepts({ aud })).toBe(false),
  );

  it('act names who acts, and for whom they act themselves', () => {
    const act = { sub: SERVICE, act: { sub: KEY } };
    expect(principalOf({ ...CLAIMS, act }, ISSUER, NOW)).toMatchObject({
      actor: { subject: SERVICE, actor: { subject: KEY, actor: null } },
    });
  });

  it('act is a chain of services and keys, and not an endless one', () => {
    const chain = (length: number): object => ({ sub: SERVICE, ...(length > 1 && { act: chain(length - 1) }) });
    expect(accepts({ act: chain(MAX_ACTORS) })).toBe(true);
    const wrong = [
      null,
      SERVICE,
      {},
      [],
      { sub: '' },
      { sub: 1 },
      { sub: SERVICE, act: null },
      { sub: SERVICE, act: {} },
    ];
    expect([...wrong, chain(MAX_ACTORS + 1)].filter((act) => accepts({ act }))).toEqual([]);
  });

  it('cnf names the thumbprint of a key', () => {
    const jkt = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I';
    expect(principalOf({ ...CLAIMS, cnf: { jkt } }, ISSUER, NOW)).toMatchObject({ keyThumbprint: jkt });
    const wrong = [null, jkt, {}, [], { jkt: '' }, { jkt: jkt.slice(1) }, { jkt: [jkt] }, { 'x5t#S256': jkt }];
    expect(wrong.filter((cnf) => accepts({ cnf }))).toEqual([]);
  });

  it.each(['exp', 'iat'])('%s is a whole number of seconds', (name) => {
    const value = CLAIMS[name as 'exp'];
    const others = [
      String(value),
      value + 0.5,
      -value,
      0,
      Infinity,
      -Infinity,
      NaN,
      2 ** 53,
      null,
      true,
      [value],
      {},
      BigInt(value),
    ];
    expect(others.filter((other) => accepts({ [name]: other }))).toEqual([]);
    expect(accepts({ exp: 2 ** 53 - 1 })).toBe(false);
  });
});

describe('the times of a token', () => {
  it('end at its expiry, without skew', () => {
    expect(accepts({}, NOW + 599)).toBe(true);
    expect(accepts({}, NOW + 600)).toBe(false);
    expect(accepts({}, NOW + 601)).toBe(false);
  });

  it('begin at most a minute ahead of the clock', () => {
    expect(CLOCK_SKEW).toBe(60);
    expect(accepts({ iat: NOW + 60, exp: NOW + 600 })).toBe(true);
    expect(accepts({ iat: NOW + 61, exp: NOW + 600 })).toBe(false);
  });

  it('are at most 60 minutes apart', () => {
    expect(MAX_LIFETIME).toBe(3600);
    expect(accepts({ iat: NOW - 1, exp: NOW + 3599 })).toBe(true);
    expect(accepts({ iat: NOW - 1, exp: NOW + 3600 })).toBe(false);
  });

  it('are in order', () => {
    expect(accepts({ iat: NOW + 1, exp: NOW + 1 })).toBe(false);
    expect(accepts({ iat: NOW + 2, exp: NOW + 1 })).toBe(false);
    expect(accepts({ iat: NOW + 1, exp: NOW + 2 })).toBe(true);
  });
});

describe('no claims at all', () => {
  it.each([null, undefined, '', 'text', 1, true, [], [CLAIMS], {}])('state no principal: %j', (claims) =>
    expect(refusalOf(claims)).not.toBeNull(),
  );
});

describe('isExpired', () => {
  it.each([
    [NOW - 1, true],
    [NOW, true],
    [NOW + 1, false],
  ])('at an expiry of %d is %s', (exp, expired) => expect(isExpired(exp, NOW)).toBe(expired));
});
