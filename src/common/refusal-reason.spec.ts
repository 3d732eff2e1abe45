import { describe, expect, it } from 'vitest';
import { reasonOf } from './refusal-reason.js';

describe('the reason of a refusal', () => {
  it.each([
    ['api', 'orders', "aud: expected api, found 'orders'"],
    ['api', ['orders', 'billing'], "aud: expected api, found [ 'orders', 'billing' ]"],
    [['api'], undefined, "aud: expected [ 'api' ], found nothing"],
    ['a time', null, 'aud: expected a time, found null'],
    ['a time', Infinity, 'aud: expected a time, found Infinity'],
  ])('names the check, what it expects and what it found: %j, %j', (expected, found, reason) =>
    expect(reasonOf('aud', expected, found)).toBe(reason),
  );

  it('is one short line, whatever was found', () => {
    const nested = JSON.parse(`${'['.repeat(2000)}${']'.repeat(2000)}`) as unknown;
    for (const found of ['x'.repeat(5000), '\u001b[2J\r\n\u0000\u009b', Array(5000).fill('\n'), nested, { a: 'y\n' }]) {
      const reason = reasonOf('aud', 'api', found);
      expect(reason.length).toBeLessThan(170);
      expect(reason).not.toMatch(/\p{Cc}/u);
    }
  });
});
