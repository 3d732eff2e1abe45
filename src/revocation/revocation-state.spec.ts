import { describe, expect, it } from 'vitest';
import type { Actor } from '../common/principal.js';
import { RevocationState } from './revocation-state.js';
import { fingerprintOf, type RevocationEntry, type RevocationEpoch } from './revocation.js';

const A = 'AZDzpFtsfe-BI0VniavN7w';
const B = 'AZDzpFtsfe-BI0VniavN8g';

const token = (session: string, changes = {}) => ({
  session,
  subject: 'user-1',
  client: 'web',
  issuedAt: 100,
  ...changes,
});

const session = (id: string, expiresAt: number, seq = 1): RevocationEntry => ({
  seq,
  kind: 'session',
  fingerprint: fingerprintOf(id),
  statusIndex: null,
  expiresAt,
});

const epoch = (kind: RevocationEpoch['kind'], subject: string, notBefore: number, seq = 1): RevocationEntry => ({
  seq,
  kind,
  subject,
  notBefore,
  statusIndexes: [],
  expiresAt: notBefore + 720,
});

describe('a revoked session', () => {
  it('is known at once, and nothing else is', () => {
    const state = new RevocationState();
    expect(state.isRevoked(token(A))).toBe(false);
    state.know(session(A, 100));
    expect([state.isRevoked(token(A)), state.isRevoked(token(B)), state.size]).toEqual([true, false, 1]);
  });

  it('is kept until no token can be alive, and then forgotten', () => {
    const state = new RevocationState();
    state.know(session(A, 100));
    state.know(session(B, 101));
    state.prune(99);
    expect([state.isRevoked(token(A)), state.isRevoked(token(B))]).toEqual([true, true]);
    state.prune(100);
    expect([state.isRevoked(token(A)), state.isRevoked(token(B)), state.size]).toEqual([false, true, 1]);
    state.prune(1_000);
    expect(state.size).toBe(0);
  });

  it.each([
    ['later first', [200, 100]],
    ['earlier first', [100, 200]],
  ])('keeps the later of two times: %s', (_, times) => {
    const state = new RevocationState();
    for (const time of times) state.know(session(A, time));
    expect(state.size).toBe(1);
    state.prune(199);
    expect(state.isRevoked(token(A))).toBe(true);
    state.prune(200);
    expect(state.isRevoked(token(A))).toBe(false);
  });

  it('can be revoked again after it has been forgotten', () => {
    const state = new RevocationState();
    state.know(session(A, 100));
    state.prune(100);
    state.know(session(A, 150));
    expect(state.isRevoked(token(A))).toBe(true);
  });
});

describe('an epoch', () => {
  it.each([
    ['user', 'user-1', { subject: 'user-2' }],
    ['client', 'web', { client: 'mobile' }],
  ] as const)('of a %s refuses its tokens up to that second, and nobody else', (kind, subject, other) => {
    const state = new RevocationState();
    state.know(epoch(kind, subject, 100));
    const revoked = (changes: object) => state.isRevoked(token(A, changes));
    expect([revoked({ issuedAt: 99 }), revoked({ issuedAt: 100 }), revoked({ issuedAt: 101 })]).toEqual([
      true,
      true,
      false,
    ]);
    expect(revoked(other)).toBe(false);
  });

  it('of everybody refuses everybody', () => {
    const state = new RevocationState();
    state.know(epoch('all', '', 100));
    expect([state.isRevoked(token(A)), state.isRevoked(token(B, { subject: 'user-2', client: 'mobile' }))]).toEqual([
      true,
      true,
    ]);
    expect(state.isRevoked(token(A, { issuedAt: 101 }))).toBe(false);
  });

  it('combines with others by the latest, in whatever order they come', () => {
    const state = new RevocationState();
    for (const notBefore of [100, 150, 120]) state.know(epoch('user', 'user-1', notBefore));
    state.know(epoch('client', 'web', 140));
    state.know(epoch('all', '', 130));
    expect(state.epochOf({ subject: 'user-1', client: 'web' })).toBe(150);
    expect(state.epochOf({ subject: 'user-2', client: 'web' })).toBe(140);
    expect(state.epochOf({ subject: 'user-2', client: 'mobile' })).toBe(130);
  });

  it('of a client refuses the tokens that others were given for its own', () => {
    const state = new RevocationState();
    state.know(epoch('client', 'svc-a', 150));
    const [b, a] = ['svc-b', 'svc-a'].map((subject) => ({ subject, actor: null }));
    const acting = (subject: string, actor: Actor | null) => state.epochOf({ subject, client: 'svc-b', actor });
    expect(acting('svc-a', b!)).toBe(150);
    expect(acting('user-1', { subject: 'svc-b', actor: a! })).toBe(150);
    expect(acting('user-1', { subject: 'svc-c', actor: { subject: 'svc-b', actor: a! } })).toBe(150);
    // A person who acts for a user.
    state.know({ kind: 'user', subject: 'user-2', notBefore: 170, statusIndexes: [], expiresAt: 900 });
    expect(acting('user-1', { subject: 'user-2', actor: null })).toBe(170);
    expect(acting('user-1', b!)).toBe(-Infinity);
  });

  it('of a client is not outdone by an earlier one of the same subject', () => {
    const state = new RevocationState();
    state.know(epoch('user', 'svc-a', 100));
    state.know(epoch('client', 'svc-a', 150));
    expect(state.epochOf({ subject: 'svc-a', client: 'key-1' })).toBe(150);
  });

  it('is forgotten when no token can match, but not while a later one stands', () => {
    const state = new RevocationState();
    state.apply([epoch('user', 'user-1', 100, 1), epoch('user', 'user-1', 150, 2)], 2);
    state.prune(820);
    expect(state.epochOf({ subject: 'user-1', client: 'web' })).toBe(150);
    state.prune(870);
    expect(state.epochOf({ subject: 'user-1', client: 'web' })).toBe(-Infinity);
  });
});

describe('the log in memory', () => {
  it('tells what came behind a number, in its order, and up to where it is complete', () => {
    const state = new RevocationState();
    state.apply([session(A, 100, 7), session(B, 101, 8)], 9);
    state.apply([epoch('all', '', 50, 10)], 10);
    expect(state.applied).toBe(10);
    expect(state.after(0).map(({ seq }) => seq)).toEqual([7, 8, 10]);
    expect(state.after(7).map(({ seq }) => seq)).toEqual([8, 10]);
    expect(state.after(10)).toEqual([]);
  });

  it('does not tell twice what was known before it was read', () => {
    const state = new RevocationState();
    state.know(session(A, 100));
    expect(state.after(0)).toEqual([]);
    state.apply([session(A, 100, 1)], 1);
    expect(state.after(0)).toHaveLength(1);
    expect(state.size).toBe(1);
  });

  it('forgets what no living token can match, and stays complete', () => {
    const state = new RevocationState();
    state.apply([session(A, 100, 1), session(B, 160, 2)], 2);
    state.prune(100);
    expect(state.after(0).map(({ seq }) => seq)).toEqual([2]);
    expect(state.applied).toBe(2);
  });
});
