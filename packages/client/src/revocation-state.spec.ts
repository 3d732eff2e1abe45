import { describe, expect, it } from 'vitest';
import type { Revocations } from './feed-frame.js';
import { fingerprintOf, RevocationState, throughOf, type Revocable } from './revocation-state.js';

const NOW = 1_795_400_000;
const SID = 'AZDzpFtsfe-BI0VniavN7w';
const TOKEN = {
  kid: 'k1',
  fingerprint: fingerprintOf(SID),
  subject: 'alice',
  client: 'web',
  through: [],
  issuedAt: NOW,
};
const NOTHING = { sessions: [], users: [], clients: [], keys: [], all: 0 };

const snapshot = (news: Partial<Revocations> = {}): Revocations => ({
  ...NOTHING,
  feedTime: NOW,
  seq: 10,
  after: -1,
  ...news,
});
const frame = (seq: number, news: Partial<Revocations> = {}): Revocations =>
  snapshot({ seq, after: seq - 1, feedTime: NOW + seq, ...news });

function stateOf(...news: Revocations[]): RevocationState {
  const state = new RevocationState();
  for (const one of news) state.apply(one);
  return state;
}

describe('a token', () => {
  it('stands where nothing has been revoked', () => expect(stateOf(snapshot()).isRevoked(TOKEN)).toBe(false));

  it.each<[string, Partial<Revocations>, boolean]>([
    ['its session', { sessions: [[NOW + 600, ['BI0VniavN7'.slice(0, 10), TOKEN.fingerprint]]] }, true],
    ['another session', { sessions: [[NOW + 600, ['AAAAAAAAAA']]] }, false],
    ['its key', { keys: [['k1', NOW - 1000]] }, true],
    ['another key', { keys: [['k2', NOW + 1000]] }, false],
    ['its user in the same second', { users: [['alice', NOW]] }, true],
    ['its user later', { users: [['alice', NOW + 1]] }, true],
    ['its user before', { users: [['alice', NOW - 1]] }, false],
    ['its user a fraction before', { users: [['alice', NOW - 0.001]] }, false],
    ['another user', { users: [['bob', NOW + 1]] }, false],
    ['its client', { clients: [['web', NOW]] }, true],
    ['its client before', { clients: [['web', NOW - 1]] }, false],
    ['another client', { clients: [['alice', NOW + 1]] }, false],
    ['everybody', { all: NOW }, true],
    ['everybody before', { all: NOW - 1 }, false],
    ['a user who is called like a member of objects', { users: [['__proto__', NOW + 1]] }, false],
  ])('and the revocation of %s', (_, news, expected) => {
    expect(stateOf(snapshot(news)).isRevoked(TOKEN)).toBe(expected);
    expect(stateOf(snapshot(), frame(11, news)).isRevoked(TOKEN)).toBe(expected);
  });

  it.each<[string, Partial<Revocations>, boolean]>([
    ['a session', { sessions: [[NOW + 600, [TOKEN.fingerprint, 'null'.padEnd(10, 'x')]]] }, false],
    ['its subject', { users: [['reports', NOW]] }, true],
    ['its client', { clients: [['reports', NOW]] }, true],
    ['its client before', { clients: [['reports', NOW - 1]] }, false],
    ['another client', { clients: [['web', NOW]] }, false],
    ['its key', { keys: [['k1', NOW]] }, true],
    ['everybody', { all: NOW }, true],
  ])('without a session, and the revocation of %s', (_, news, expected) => {
    const token: Revocable = { ...TOKEN, fingerprint: null, subject: 'reports', client: 'reports' };
    expect(stateOf(snapshot(news)).isRevoked(token)).toBe(expected);
  });

  it.each<[string, Partial<Revocations>, boolean]>([
    ['the service that acts', { clients: [['billing', NOW]] }, true],
    ['one that acted before', { clients: [['orders', NOW]] }, true],
    ['one that acted before, earlier', { clients: [['orders', NOW - 1]] }, false],
    ['its subject, which is a service', { clients: [['alice', NOW]] }, true],
    ['a person who acts', { users: [['orders', NOW]] }, true],
    ['another service', { clients: [['web', NOW]] }, false],
  ])('that came through services, and the revocation of %s', (_, news, expected) => {
    const actor = { subject: 'billing', actor: { subject: 'orders', actor: null } };
    const token = { ...TOKEN, client: 'billing', through: throughOf({ subject: 'alice', actor }) };
    expect(stateOf(snapshot(news)).isRevoked(token)).toBe(expected);
  });

  it('is named by the last 10 characters of its session', () => expect(TOKEN.fingerprint).toBe('I0VniavN7w'));
});

describe('epochs', () => {
  it('combine by maximum, whatever their order', () => {
    const later = { users: [['alice', NOW]], clients: [['x', NOW]], all: NOW - 50 } as const;
    const earlier = { users: [['alice', NOW - 100]], clients: [['x', NOW - 100]], all: NOW - 100 } as const;
    for (const order of [
      [later, earlier],
      [earlier, later],
    ]) {
      const state = stateOf(snapshot(), ...order.map((news, i) => frame(11 + i, news)));
      const other = { ...TOKEN, subject: 'bob', issuedAt: NOW - 40 };
      expect(state.isRevoked(TOKEN)).toBe(true);
      expect(state.isRevoked({ ...other, client: 'x' })).toBe(true);
      expect(state.isRevoked(other)).toBe(false);
      expect(state.isRevoked({ ...other, issuedAt: NOW - 50 })).toBe(true);
    }
  });
});

describe('the numbers', () => {
  it('begin with a snapshot', () => {
    const state = new RevocationState();
    expect(state.seq).toBe(-1);
    expect(state.apply(frame(11))).toBe(false);
    expect(state.apply(frame(0, { after: 0 }))).toBe(false);
    expect(state.apply(snapshot({ seq: 0 }))).toBe(true);
    expect(state.seq).toBe(0);
    expect(state.feedTime).toBe(NOW);
  });

  it('go on without a gap', () => {
    const state = stateOf(snapshot());
    expect(state.apply(frame(12, { all: NOW }))).toBe(false);
    expect([state.seq, state.feedTime, state.isRevoked(TOKEN)]).toEqual([10, NOW, false]);
    expect(state.apply(frame(12, { after: 10 }))).toBe(true);
    expect([state.seq, state.feedTime]).toEqual([12, NOW + 12]);
  });

  it('and times never go back, though what is old is still learned', () => {
    const state = stateOf(snapshot(), frame(11), frame(12));
    expect(state.apply(frame(11, { feedTime: NOW - 100, all: NOW }))).toBe(true);
    expect(state.apply(snapshot({ seq: 3, feedTime: NOW - 500 }))).toBe(true);
    expect([state.seq, state.feedTime, state.isRevoked(TOKEN)]).toEqual([12, NOW + 12, true]);
  });

  it('are asked for again after they have been forgotten, and nothing else is', () => {
    const state = stateOf(snapshot({ all: NOW }));
    state.forgetSeq();
    expect(state.apply(frame(11))).toBe(false);
    expect([state.seq, state.feedTime, state.isRevoked(TOKEN)]).toEqual([-1, NOW, true]);
    state.apply(snapshot({ seq: 4 }));
    expect(state.seq).toBe(4);
  });
});

describe('what is kept', () => {
  const sessions = [[NOW + 600, [TOKEN.fingerprint]]] as const;
  const at = (feedTime: number) => frame(12, { feedTime, after: 10 });

  it('is a session until no token of it can live, by the time of the issuer', () => {
    const state = stateOf(snapshot({ sessions }));
    state.apply(at(NOW + 659));
    expect(state.isRevoked(TOKEN)).toBe(true);
    state.apply(at(NOW + 670));
    expect(state.isRevoked(TOKEN)).toBe(false);
    expect(state.size).toBe(0);
  });

  it('is the longer of two times', () => {
    const shorter = [[NOW + 100, [TOKEN.fingerprint]]] as const;
    for (const order of [
      [sessions, shorter],
      [shorter, sessions],
    ]) {
      const state = stateOf(...order.map((news) => snapshot({ sessions: news })));
      state.apply(at(NOW + 659));
      expect(state.isRevoked(TOKEN)).toBe(true);
    }
  });

  it('is an epoch as long as the longest token life, and a key for ever', () => {
    const state = stateOf(snapshot({ users: [['alice', NOW]], clients: [['web', NOW]], keys: [['k1', NOW]] }));
    state.apply(at(NOW + 3659));
    expect(state.size).toBe(3);
    state.apply(at(NOW + 3670));
    expect(state.size).toBe(1);
    expect(state.isKeyRevoked('k1')).toBe(true);
    expect(state.isKeyRevoked('k2')).toBe(false);
  });

  it('does not grow with history', () => {
    const state = stateOf(snapshot({ seq: 0 }));
    for (let seq = 1; seq <= 5000; seq++) {
      const time = NOW + seq;
      const fingerprint = String(seq).padStart(10, 'A');
      state.apply(
        frame(seq, { feedTime: time, sessions: [[time + 100, [fingerprint]]], users: [[fingerprint, time]] }),
      );
    }
    expect(state.size).toBeLessThan(100 + 60 + 3600 + 60 + 2 * 10 + 1);
  });
});
