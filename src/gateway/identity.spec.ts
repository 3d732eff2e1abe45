import { describe, expect, it } from 'vitest';
import { identityHeadersOf, NO_IDENTITY } from './identity.js';

const ALICE = {
  subject: '0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a',
  actor: null,
  session: 'AZnzoFwefDqfZC9vPB2Leg',
  client: 'web',
  roles: ['user', 'orders:approver'],
  scopes: ['orders:read', 'https://api.example.com/write'],
  email: 'alice@example.com',
};

const NAMES = ['Subject', 'Actor', 'Session', 'Client', 'Roles', 'Scope', 'Email'].map((name) => `X-Auth-${name}`);

describe('the identity headers', () => {
  it('read as they are, where nothing stands against it', () =>
    expect(identityHeadersOf(ALICE)).toEqual({
      'X-Auth-Subject': ALICE.subject,
      'X-Auth-Actor': '',
      'X-Auth-Session': ALICE.session,
      'X-Auth-Client': 'web',
      'X-Auth-Roles': 'user,orders:approver',
      'X-Auth-Scope': 'orders:read https://api.example.com/write',
      'X-Auth-Email': 'alice@example.com',
    }));

  it('are all there, and empty, where there is nothing', () => {
    expect(Object.keys(NO_IDENTITY)).toEqual(NAMES);
    expect(Object.values(NO_IDENTITY)).toEqual(NAMES.map(() => ''));
    expect(identityHeadersOf({ ...ALICE, roles: [], scopes: [], email: null })).toMatchObject({
      'X-Auth-Roles': '',
      'X-Auth-Scope': '',
      'X-Auth-Email': '',
    });
  });

  it.each([
    'müller@example.com',
    'a+b@example.com',
    'a%40b@example.com',
    'x\r\nX-Auth-Roles: admin',
    '用户@example.com',
    '😀"\\,; ',
  ])('are ASCII that decodes to %j, whatever a decoder does with a plus', (email) => {
    const value = identityHeadersOf({ ...ALICE, email })['X-Auth-Email'];
    expect(value).toMatch(/^[\w.~!'()*@:/%-]+$/);
    expect(decodeURIComponent(value)).toBe(email);
    expect(new URLSearchParams(`x=${value}`).get('x')).toBe(email);
  });

  it('part roles and scopes so that none can pass for two', () => {
    const headers = identityHeadersOf({ ...ALICE, roles: ['a,admin', 'b c'], scopes: ['x y', 'z'] });
    expect(headers['X-Auth-Roles'].split(',').map(decodeURIComponent)).toEqual(['a,admin', 'b c']);
    expect(headers['X-Auth-Scope'].split(' ').map(decodeURIComponent)).toEqual(['x y', 'z']);
  });

  it('cannot be made of ill-formed Unicode', () =>
    expect(() => identityHeadersOf({ ...ALICE, email: '\ud800@example.com' })).toThrow(URIError));
});
