import { describe, expect, it } from 'vitest';
import { isReduced } from './reduction.js';

type State = Parameters<typeof isReduced>[0];

const BEFORE: State = {
  status: 'active',
  grantTypes: ['client_credentials'],
  scopes: ['a', 'b'],
  audiences: ['api', 'billing'],
  servedAudiences: ['orders'],
  jwks: { keys: [{ kid: '1', kty: 'EC', x: 'x' }] },
  jwksUri: null,
  tlsSubjectDn: 'CN=orders',
  firstParty: true,
};
const reduced = (change: Partial<State>, before: Partial<State> = {}) =>
  isReduced({ ...BEFORE, ...before }, { ...BEFORE, ...before, ...change });
const jwksUri = 'https://orders.example.com/jwks.json';

describe('a client can do less', () => {
  it.each<[string, Partial<State>, Partial<State>?]>([
    ['disabled', { status: 'disabled' }],
    ['no longer of the operator', { firstParty: false }],
    ['without a grant', { grantTypes: ['urn:ietf:params:oauth:grant-type:token-exchange'] }],
    ['without a scope', { scopes: ['a', 'c'] }],
    ['without an audience', { audiences: ['api'] }],
    ['without an audience that it served', { servedAudiences: [] }],
    ['without a key', { jwks: { keys: [] } }],
    ['without keys', { jwks: null }],
    ['with another key of that name', { jwks: { keys: [{ kid: '1', kty: 'EC', x: 'y' }] } }],
    ['with keys elsewhere', { jwksUri: `${jwksUri}?2` }, { jwks: null, jwksUri }],
    ['with keys nowhere', { jwksUri: null }, { jwks: null, jwksUri }],
    ['with another certificate', { tlsSubjectDn: 'CN=billing' }],
    ['without a certificate', { tlsSubjectDn: null }],
  ])('%s', (_, change, before) => expect(reduced(change, before)).toBe(true));
});

describe('a client can do as much as before, or more', () => {
  it.each<[string, Partial<State>, Partial<State>?]>([
    ['unchanged', {}],
    ['enabled', { status: 'active' }, { status: 'disabled' }],
    ['with more scopes, in another order', { scopes: ['c', 'b', 'a'] }],
    ['with another first audience', { audiences: ['billing', 'api'] }],
    ['with the same key, spelled in another order', { jwks: { keys: [{ x: 'x', kty: 'EC', kid: '1' }] } }],
    ['with one more key', { jwks: { keys: [{ kid: '2' }, { kid: '1', kty: 'EC', x: 'x' }] } }],
    ['with keys where there were none', { jwksUri }, { jwks: null }],
    ['with a certificate where there was none', { tlsSubjectDn: 'CN=x' }, { tlsSubjectDn: null }],
  ])('%s', (_, change, before) => expect(reduced(change, before)).toBe(false));
});
