import { describe, expect, it } from 'vitest';
import type { Actor } from '../../common/principal.js';
import { MAX_ACTORS } from '../../tokens/claims.js';
import { actorFor, endOf, faultOfDelegation, scopesFor } from './delegation.js';
import type { Subject } from './subject-token.js';

const NOW = 1_000;

const client = {
  id: 'svc_orders',
  servedAudiences: ['api', 'orders'],
  scopes: ['a', 'b'],
  tokenEpoch: -Infinity,
  tokenTtl: null,
};

const subject: Subject = {
  id: 'user-1',
  session: 'session-1',
  audiences: ['api'],
  scopes: null,
  roles: ['user'],
  email: null,
  actor: null,
  issuedAt: NOW - 100,
  expiresAt: NOW + 500,
  statusList: null,
};

const chainOf = (length: number): Actor | null =>
  length === 0 ? null : { subject: `svc_${length}`, actor: chainOf(length - 1) };

describe('a client may act for a subject', () => {
  const fault = (of: Partial<Subject> = {}, by: Partial<typeof client> = {}) =>
    faultOfDelegation({ ...subject, ...of }, { ...client, ...by });

  it('whose token is meant for it, for one', () => {
    expect(fault()).toBeNull();
    expect(fault({ audiences: ['billing', 'orders'] })).toBeNull();
    expect(fault({ audiences: ['billing'] })).toContain('audience');
    expect(fault({ audiences: [] })).toContain('audience');
    expect(fault({}, { servedAudiences: [] })).toContain('audience');
  });

  it('who is somebody else', () => expect(fault({ id: client.id })).toContain('itself'));

  it('for whom not too many act already', () => {
    expect(fault({ actor: chainOf(MAX_ACTORS - 1) })).toBeNull();
    expect(fault({ actor: chainOf(MAX_ACTORS) })).toContain('passed through');
  });

  it('whose token is later than what refuses those of the client', () => {
    expect(fault({}, { tokenEpoch: subject.issuedAt - 1 })).toBeNull();
    expect(fault({}, { tokenEpoch: subject.issuedAt })).toContain('older');
  });
});

describe('what it gets', () => {
  it('names it as the actor, before all others', () => {
    const { actor } = { actor: chainOf(2) };
    expect(actorFor({ ...subject, actor }, client)).toEqual({ subject: client.id, actor });
  });

  it.each([
    [null, ['a', 'b']],
    [[], []],
    [['b', 'c'], ['b']],
    [['c'], []],
  ])('has the scopes of both: %j', (scopes, expected) =>
    expect(scopesFor({ ...subject, scopes }, client)).toEqual(expected),
  );

  it.each([
    [null, NOW + 500],
    [100, NOW + 100],
    [3600, NOW + 500],
  ])('lives no longer than either: %j', (tokenTtl, expected) =>
    expect(endOf(subject, { ...client, tokenTtl }, NOW)).toBe(expected),
  );
});
