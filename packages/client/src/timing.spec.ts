import { describe, expect, it } from 'vitest';
import { freshnessOf } from './key-source.js';
import { abortable, backoff, pause } from './timing.js';

describe('the next attempt', () => {
  it('comes at once after one that did well', () => expect(backoff(0)).toBe(0));

  it('comes later each time, five seconds at most', () => {
    expect([1, 2, 3, 4, 5, 6, 100].map((failures) => backoff(failures, 1))).toEqual([
      200, 400, 800, 1600, 3200, 5000, 5000,
    ]);
  });

  it('comes not in step with that of others', () => expect([backoff(3, 0), backoff(3, 0.5)]).toEqual([400, 600]));
});

describe('a wait', () => {
  it('ends with the signal, before and after it began', async () => {
    const controller = new AbortController();
    const waiting = pause(1_000_000, controller.signal);
    controller.abort();
    await waiting;
    await pause(1_000_000, controller.signal);
    expect(controller.signal.aborted).toBe(true);
  });

  it('for somebody who does not answer ends with the reason of the signal', async () => {
    const reason = new Error('enough');
    const never = new Promise(() => undefined);
    const controller = new AbortController();
    const waiting = abortable(never, controller.signal);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(abortable(never, controller.signal)).rejects.toBe(reason);
  });

  it('for somebody who answers has their answer', async () => {
    const { signal } = new AbortController();
    expect(await abortable(Promise.resolve(1), signal)).toBe(1);
    await expect(abortable(Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
  });
});

describe('how long keys are fresh', () => {
  it.each([
    [null, 300],
    ['', 300],
    ['no-store', 300],
    ['public, max-age=600', 600],
    ['MAX-AGE=600', 600],
    ['max-age=0', 30],
    ['max-age=999999', 3600],
    ['s-maxage=10', 300],
    ['max-age=abc', 300],
  ])('by %j', (header, seconds) => expect(freshnessOf(header)).toBe(seconds * 1000));
});
