import { expect, it } from 'vitest';
import vectors from './form-gate.json' with { type: 'json' };

/** What both form gates let pass. `headerOf` gives the first segment of what passes, and null for every other text. */
export function testFormGate(headerOf: (token: string) => string | null): void {
  it.each(vectors.accepted)('a token passes: segments $name', ({ token, header }) =>
    expect(headerOf(token)).toBe(header),
  );

  it.each(vectors.refused)('a text of another form is refused: $name', ({ token }) =>
    expect(headerOf(token)).toBeNull(),
  );

  it.each(vectors.lengths)('8192 characters at most: $header + $payload + $signature and two dots', (lengths) => {
    const [header, payload, signature] = [lengths.header, lengths.payload, lengths.signature].map((n) => 'A'.repeat(n));
    expect(headerOf(`${header}.${payload}.${signature}`)).toBe(lengths.accepted ? header : null);
  });

  // RFC 4648 3.5: the unused bits of the last character are zero, so that bytes have one spelling.
  it.each([0, 1, 2])('segment %d has no other spelling of the same bytes', (segment) => {
    for (const [length, ends] of Object.entries(vectors.canonicalEnds)) {
      const passing = [...vectors.alphabet].filter((end) => {
        const token = ['AAAA', 'AAAA', 'AAAA'].with(segment, 'A'.repeat(Number(length) - 1) + end).join('.');
        return headerOf(token) !== null;
      });
      expect(passing.join('')).toBe([...vectors.alphabet].filter((end) => ends.includes(end)).join(''));
    }
  });
}
