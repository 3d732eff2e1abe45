import { describe, expect, it } from 'vitest';
import { narrowAudiences, narrowScopes } from './narrowing.js';

const refusal = (code: string) => expect.objectContaining({ code }) as Error;

describe('scopes', () => {
  const allowed = ['orders:read', 'orders:write'];

  it('are all that may be had where none is asked for', () => expect(narrowScopes(undefined, allowed)).toBe(allowed));

  it('are those that are asked for, once each and in that order', () => {
    expect(narrowScopes('orders:write', allowed)).toEqual(['orders:write']);
    expect(narrowScopes('orders:write orders:read orders:write', allowed)).toEqual(['orders:write', 'orders:read']);
  });

  it.each(['admin', 'orders:read admin', 'orders', 'ORDERS:READ', 'constructor'])('are never %j', (scope) =>
    expect(() => narrowScopes(scope, allowed)).toThrow(refusal('invalid_scope')),
  );

  it.each([
    '',
    ' ',
    ' orders:read',
    'orders:read ',
    'orders:read  orders:write',
    'orders:read\torders:write',
    'a"',
    'ä',
  ])('have the form of RFC 6749 3.3, which %j has not', (scope) =>
    expect(() => narrowScopes(scope, [...allowed, '', 'a"', 'ä'])).toThrow(refusal('invalid_scope')),
  );

  it('are read in time, however many there are', () => {
    expect(() => narrowScopes(`${'a '.repeat(50_000)}!!`, allowed)).toThrow(refusal('invalid_scope'));
  });
});

describe('audiences', () => {
  const allowed = ['api', 'billing'];

  it('are the first where none is asked for', () => expect(narrowAudiences({}, allowed)).toEqual(['api']));

  it('are those that are asked for, by either name and once each', () => {
    expect(narrowAudiences({ audience: 'billing' }, allowed)).toEqual(['billing']);
    expect(narrowAudiences({ resource: 'billing' }, allowed)).toEqual(['billing']);
    expect(narrowAudiences({ audience: 'billing api', resource: 'billing' }, allowed)).toEqual(['billing', 'api']);
  });

  it.each(['payroll', 'api payroll', 'API', '', ' ', 'api  billing', 'api,billing'])('are never %j', (audience) => {
    expect(() => narrowAudiences({ audience }, allowed)).toThrow(refusal('invalid_target'));
    expect(() => narrowAudiences({ audience: 'api', resource: audience }, allowed)).toThrow(refusal('invalid_target'));
  });

  it('are none where there are none', () => expect(narrowAudiences({}, [])).toEqual([]));
});
