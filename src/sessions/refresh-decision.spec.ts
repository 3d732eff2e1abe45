import { describe, expect, it } from 'vitest';
import { decideRefresh, REPLAY_WINDOW_MS, type RefreshDecision, type StoredRefresh } from './refresh-decision.js';

const ROTATED = Date.UTC(2027, 0, 1);
const IDLE = 30 * 86_400_000;
const STORED: StoredRefresh = {
  generation: 7,
  rotatedAt: new Date(ROTATED),
  expiresAt: new Date(ROTATED + 2 * IDLE),
  userActive: true,
};

const decide = (presented: number, sinceRotation: number, stored: Partial<StoredRefresh> = {}): RefreshDecision =>
  decideRefresh(presented, { ...STORED, ...stored }, IDLE, ROTATED + sinceRotation);

describe('the direct predecessor', () => {
  it('has ten seconds', () => expect(REPLAY_WINDOW_MS).toBe(10_000));

  it.each<[number, RefreshDecision]>([
    [0, 'replay'],
    [9_999, 'replay'],
    [10_000, 'replay'],
    [10_001, 'reuse'],
    [3_600_000, 'reuse'],
    [IDLE - 1, 'reuse'],
  ])('%d ms after its rotation: %s', (sinceRotation, decision) => expect(decide(6, sinceRotation)).toBe(decision));

  it('has them where another instance is a little ahead, too', () => expect(decide(6, -500)).toBe('replay'));

  it('has them at the very first rotation', () => expect(decide(0, 0, { generation: 1 })).toBe('replay'));
});

describe('an older ancestor', () => {
  it.each([5, 4, 0])('is theft at any time: generation %d of 7', (presented) => {
    for (const sinceRotation of [0, 1, 10_000, 10_001, IDLE - 1])
      expect(decide(presented, sinceRotation)).toBe('reuse');
  });
});

describe('the current generation', () => {
  it('is no theft: what rotation did not accept is over its limits', () => {
    for (const sinceRotation of [0, 10_000, 10_001, IDLE]) expect(decide(7, sinceRotation)).toBe('refuse');
  });
});

describe('a session over its limits', () => {
  const everyGeneration = [0, 5, 6, 7];

  it('refuses after the idle limit, whatever is presented', () => {
    for (const presented of everyGeneration) expect(decide(presented, IDLE)).toBe('refuse');
    expect(decideRefresh(6, STORED, 5_000, ROTATED + 4_999)).toBe('replay');
    expect(decideRefresh(6, STORED, 5_000, ROTATED + 5_000)).toBe('refuse');
  });

  it('refuses after the absolute limit, whatever is presented', () => {
    const expiresAt = new Date(ROTATED + 5_000);
    for (const presented of everyGeneration) expect(decide(presented, 5_000, { expiresAt })).toBe('refuse');
    expect(decide(6, 4_999, { expiresAt })).toBe('replay');
    expect(decide(5, 4_999, { expiresAt })).toBe('reuse');
  });

  it('refuses where the user is disabled, whatever is presented', () => {
    for (const presented of everyGeneration) expect(decide(presented, 0, { userActive: false })).toBe('refuse');
  });
});
