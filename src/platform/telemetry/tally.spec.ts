import { describe, expect, it } from 'vitest';
import { Tally } from './tally.js';

describe('a tally', () => {
  it('counts by its labels', () => {
    const tally = new Tally(['event', 'reason']);
    tally.count('sign_in.failed', 'wrong_password');
    tally.count('sign_in.failed', 'wrong_password');
    tally.count('session.opened', '');
    expect(tally.samples()).toEqual([
      { labels: { event: 'sign_in.failed', reason: 'wrong_password' }, value: 2 },
      { labels: { event: 'session.opened', reason: '' }, value: 1 },
    ]);
  });

  it('tells 500 combinations apart, and counts all others together', () => {
    const tally = new Tally(['name']);
    for (let index = 0; index < 10_000; index++) tally.count(`name-${index}`);
    const samples = tally.samples();
    expect(samples).toHaveLength(501);
    expect(samples.at(-1)).toEqual({ labels: { name: 'other' }, value: 9_500 });
  });
});
