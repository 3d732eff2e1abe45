import { describe, expect, it } from 'vitest';
import { negotiateLocale } from './locale.js';

describe('the language that Accept-Language prefers', () => {
  it.each([
    ['de', 'de'],
    ['de-AT', 'de'],
    ['DE-at, en;q=0.9', 'de'],
    ['en;q=0.4, fr;q=0.8, es;q=0.6', 'fr'],
    ['fr;q=0.5, es;q=0.5', 'fr'],
    ['pt-BR, es ; q=0.7, en;q=0.3', 'es'],
    ['nl, *;q=0.5, en;q=0.1', 'en'],
    ['de;q=0, fr;q=0.001', 'fr'],
    ['de;q=abc, es;q=0.2', 'es'],
    ['de;q=7, es;q=0.2', 'es'],
  ])('of %j is %s', (header, locale) => expect(negotiateLocale(header)).toBe(locale));

  it.each([undefined, '', ',', ';', '*', 'nl', 'deu', 'constructor', 'de;q=0', 'de;q=-1', 'de;q='])(
    'of %j is none',
    (header) => expect(negotiateLocale(header)).toBeNull(),
  );
});
