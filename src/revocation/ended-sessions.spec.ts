import { describe, expect, it } from 'vitest';
import { EndedSessions, type EndedSession } from './ended-sessions.js';

const session = (n: number): EndedSession => ({
  id: `s${n}`,
  statusIndex: n % 2 ? n : null,
  rotatedAt: new Date(n * 500),
});
const portion = (from: number, count: number) => Array.from({ length: count }, (_, n) => session(from + n));

describe('sessions that end together', () => {
  it('are none at first', () => {
    const ended = new EndedSessions();
    expect([ended.count, ended.listed, ended.statusIndexes, ended.lastIssuedAt]).toEqual([0, [], [], -Infinity]);
  });

  it('are listed up to a thousand', () => {
    const ended = new EndedSessions();
    ended.add(portion(0, 400));
    ended.add(portion(400, 600));
    expect(ended.listed).toEqual(portion(0, 1000));
  });

  it('are not listed beyond, however they come', () => {
    for (const portions of [[1001], [400, 601], [1000, 1], [1, 1000], [900, 900, 900]]) {
      const ended = new EndedSessions();
      for (const count of portions) ended.add(portion(ended.count, count));
      expect([ended.listed, ended.count]).toEqual([null, portions.reduce((sum, count) => sum + count)]);
    }
  });

  it('are remembered by their status indexes and the latest second of their tokens', () => {
    const ended = new EndedSessions();
    ended.add(portion(2, 6));
    ended.add(portion(0, 2));
    expect(ended.statusIndexes).toEqual([3, 5, 7, 1]);
    expect(ended.lastIssuedAt).toBe(3);
  });
});
