import { describe, expect, it } from 'vitest';
import { decideRefresh, type RefreshDecision, type RefreshRules, type StoredRefresh } from './refresh-decision.js';

const NOW = Date.UTC(2027, 0, 1);
const IDLE = 30 * 86_400_000;
const WINDOW = 60_000;
const RULES: RefreshRules = { idleLimitMs: IDLE, replayWindowMs: WINDOW };
const STORED: StoredRefresh = {
  generation: 7,
  sinceRotationMs: 0,
  lastUsedAt: new Date(NOW),
  expiresAt: new Date(NOW + 2 * IDLE),
  userActive: true,
};

const decide = (presented: number, stored: Partial<StoredRefresh> = {}, rules = RULES): RefreshDecision =>
  decideRefresh(presented, { ...STORED, ...stored }, rules, NOW);

describe('the direct predecessor', () => {
  it.each<[number, RefreshDecision]>([
    [0, 'replay'],
    [59_999, 'replay'],
    [60_000, 'replay'],
    [60_001, 'reuse'],
    [3_600_000, 'reuse'],
    [IDLE - 1, 'reuse'],
  ])('%d ms after its rotation: %s', (sinceRotationMs, decision) =>
    expect(decide(6, { sinceRotationMs })).toBe(decision),
  );

  it('replays where it came before the rotation was there to be seen', () =>
    expect(decide(6, { sinceRotationMs: -500 })).toBe('replay'));

  it('replays at the very first rotation, too', () => expect(decide(0, { generation: 1 })).toBe('replay'));

  it('never replays with a window of zero, however early it came', () => {
    for (const sinceRotationMs of [-500, 0, 1])
      expect(decide(6, { sinceRotationMs }, { ...RULES, replayWindowMs: 0 })).toBe('reuse');
  });

  it('is not judged by how long ago the session was used', () => {
    const lastUsedAt = new Date(NOW - IDLE + 1);
    expect(decide(6, { lastUsedAt })).toBe('replay');
    expect(decide(6, { lastUsedAt: new Date(NOW), sinceRotationMs: WINDOW + 1 })).toBe('reuse');
  });
});

describe('an older ancestor', () => {
  it.each([5, 4, 0])('is theft at any time: generation %d of 7', (presented) => {
    for (const sinceRotationMs of [-500, 0, 1, WINDOW, WINDOW + 1, IDLE - 1])
      expect(decide(presented, { sinceRotationMs })).toBe('reuse');
  });
});

describe('the current generation', () => {
  it('is no theft: what rotation did not accept is over its limits', () => {
    for (const sinceRotationMs of [0, WINDOW, WINDOW + 1, IDLE]) expect(decide(7, { sinceRotationMs })).toBe('refuse');
  });
});

describe('a session over its limits', () => {
  const everyGeneration = [0, 5, 6, 7];

  it('refuses after the idle limit, whatever is presented', () => {
    for (const presented of everyGeneration)
      expect(decide(presented, { lastUsedAt: new Date(NOW - IDLE) })).toBe('refuse');
    expect(decide(6, { lastUsedAt: new Date(NOW - IDLE + 1) })).toBe('replay');
  });

  it('refuses after the absolute limit, whatever is presented', () => {
    for (const presented of everyGeneration) expect(decide(presented, { expiresAt: new Date(NOW) })).toBe('refuse');
    expect(decide(6, { expiresAt: new Date(NOW + 1) })).toBe('replay');
    expect(decide(5, { expiresAt: new Date(NOW + 1) })).toBe('reuse');
  });

  it('refuses where the user is disabled, whatever is presented', () => {
    for (const presented of everyGeneration) expect(decide(presented, { userActive: false })).toBe('refuse');
  });
});
