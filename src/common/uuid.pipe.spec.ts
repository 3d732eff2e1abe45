import { describe, expect, it } from 'vitest';
import { UuidPipe } from './uuid.pipe.js';

const ID = '0190f3a4-5b6c-7def-8123-456789abcdef';

describe('an id in a path', () => {
  it('is a UUID, in either letter case', () => {
    expect(new UuidPipe().transform(ID)).toBe(ID);
    expect(new UuidPipe().transform(ID.toUpperCase())).toBe(ID);
  });

  it.each([
    '',
    'me',
    `${ID}0`,
    `0${ID}`,
    ID.slice(1),
    ID.replaceAll('-', ''),
    ID.replace('f', 'g'),
    `${ID}\n`,
    `{${ID}}`,
  ])('names nothing as %j', (text) =>
    expect(() => new UuidPipe().transform(text)).toThrow(expect.objectContaining({ code: 'not_found' })),
  );
});
