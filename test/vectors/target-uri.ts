import { expect, it } from 'vitest';
import vectors from './target-uri.json' with { type: 'json' };

/** What both sides make of a target URI. */
export function testTargetUri(targetUriOf: (uri: string) => string | null): void {
  it.each(vectors.normalised)('$uri is $target ($clause)', ({ uri, target }) => expect(targetUriOf(uri)).toBe(target));

  it.each(vectors.different)('%s is not %s', (one, other) => {
    expect(targetUriOf(one)).not.toBeNull();
    expect(targetUriOf(one)).not.toBe(targetUriOf(other));
  });

  it.each(vectors.refused)('%j is none', (uri) => expect(targetUriOf(uri)).toBeNull());
}
