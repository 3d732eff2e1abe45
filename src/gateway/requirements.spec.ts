import { describe, expect, it } from 'vitest';
import { AppError } from '../common/errors.js';
import { requirementsOf, requirementsOfExtensions, addedRequirementsOf, withoutClientUrl } from './requirements.js';

const NOTHING = { roles: [], scopes: [], audiences: [], passesPreflights: false, redirects: false };

describe('the requirements of a gateway', () => {
  it.each([
    ['', {}],
    ['role=admin', { roles: ['admin'] }],
    ['role=admin&role=auditor', { roles: ['admin', 'auditor'] }],
    ['scope=orders:read&scope=orders:write', { scopes: ['orders:read', 'orders:write'] }],
    ['scope=orders:read+orders:write', { scopes: ['orders:read', 'orders:write'] }],
    ['scope=orders%3Aread%20%20orders:write', { scopes: ['orders:read', 'orders:write'] }],
    ['aud=api&aud=orders', { audiences: ['api', 'orders'] }],
    ['preflight=allow', { passesPreflights: true }],
    ['on_denied=redirect', { redirects: true }],
    ['role=a&scope=b&aud=c&preflight=allow', { roles: ['a'], scopes: ['b'], audiences: ['c'], passesPreflights: true }],
  ])('%j counts every parameter', (query, expected) =>
    expect(requirementsOf(query)).toEqual({ ...NOTHING, ...expected }),
  );

  it.each([
    'rol=admin',
    'Role=admin',
    'roles=admin',
    'role[]=admin',
    'role',
    'role=',
    'role=+',
    'role=admin&role=',
    'scope=',
    'scope=%20',
    'aud=',
    'preflight',
    'preflight=',
    'preflight=true',
    'preflight=allow&preflight=deny',
    'on_denied=401',
    'on_denied=https://evil.example',
    'constructor=x',
    '__proto__=x',
    'toString',
    'role=admin&page=2',
  ])('%j is a fault, not a weaker requirement', (query) => {
    expect(() => requirementsOf(query)).toThrow(expect.objectContaining({ code: 'no_verdict' }) as AppError);
  });

  it.each([
    ['for=/orders?role=x&preflight=allow', ''],
    ['role=admin&for=/orders?for=x&preflight=allow', 'role=admin'],
    ['role=admin&for=', 'role=admin'],
    ['role=admin&for=/a\n&preflight=allow', 'role=admin'],
    ['role=admin&before=1', 'role=admin&before=1'],
    ['role=for=', 'role=for='],
  ])('%j ends where the client begins', (query, own) => expect(withoutClientUrl(query)).toBe(own));
});

describe('the requirements in context_extensions', () => {
  it.each([
    [{}, {}],
    [{ role: 'admin auditor' }, { roles: ['admin', 'auditor'] }],
    [{ scope: 'orders:read  orders:write' }, { scopes: ['orders:read', 'orders:write'] }],
    [{ aud: 'api https://orders.example/' }, { audiences: ['api', 'https://orders.example/'] }],
    [
      { preflight: 'allow', on_denied: 'redirect' },
      { passesPreflights: true, redirects: true },
    ],
  ])('%j counts every value', (extensions, expected) =>
    expect(requirementsOfExtensions(extensions)).toEqual({ ...NOTHING, ...expected }),
  );

  it.each<Record<string, string>>([
    { rol: 'admin' },
    { Role: 'admin' },
    { role: '' },
    { role: ' admin' },
    { role: 'admin ' },
    { scope: ' ' },
    { preflight: '' },
    { preflight: 'allow allow deny' },
    { on_denied: '401' },
    { for: '/x' },
    { toString: 'x' },
  ])('%j is a fault, not a weaker requirement', (extensions) => {
    expect(() => requirementsOfExtensions(extensions)).toThrow(
      expect.objectContaining({ code: 'no_verdict' }) as AppError,
    );
  });
});

describe('a query that may be the client’s', () => {
  it('counts what denies, and nothing else', () => {
    expect(
      addedRequirementsOf('role=admin&scope=a+b&aud=x&preflight=allow&on_denied=redirect&page=2&__proto__=y'),
    ).toEqual({
      ...NOTHING,
      roles: ['admin'],
      scopes: ['a', 'b'],
      audiences: ['x'],
    });
  });

  it('is refused where a requirement is empty', () => expect(() => addedRequirementsOf('role=')).toThrow(AppError));
});
