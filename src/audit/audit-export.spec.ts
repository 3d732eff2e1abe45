import { describe, expect, it } from 'vitest';
import { csvField } from './audit-export.js';

describe('a field of CSV', () => {
  it.each([
    [null, ''],
    ['plain', 'plain'],
    [42, '42'],
    [-1, '-1'],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    [{ a: '=1' }, '"{""a"":""=1""}"'],
  ])('writes %j as %s', (value, field) => expect(csvField(value)).toBe(field));

  it.each(['=HYPERLINK("http://evil.example")', '+1', '-2+3', '@SUM(A1)', '\t=1', '\r=1'])(
    'is no formula: %j',
    (text) => expect(csvField(text).replace(/^"/, '')).toMatch(/^'/),
  );
});
