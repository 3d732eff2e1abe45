import { describe, expect, it } from 'vitest';
import { etagOf, matchesEtag } from './etag.js';

describe('an entity tag', () => {
  const tag = etagOf('body');

  it('tells bodies apart', () => {
    expect(tag).toMatch(/^"[\w-]{22}"$/);
    expect(etagOf('body')).toBe(tag);
    expect(etagOf('other body')).not.toBe(tag);
  });

  it.each([
    [tag, true],
    [`W/${tag}`, true],
    [`"other", ${tag}`, true],
    ['*', true],
    ['"other"', false],
    ['', false],
    [undefined, false],
  ])('is named by %s: %s', (header, named) => expect(matchesEtag(header, tag)).toBe(named));
});
