import { createHash, sign, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodedHeaderOf } from './form-gate.js';

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const HEADER = Buffer.from('{"alg":"ES256","typ":"at+jwt","kid":"q83vEjRW"}').toString('base64url');

/** Bytes without pattern, the same for the same seed. */
function bytesOf(seed: number, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
    createHash('sha256').update(`${seed} ${i}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

/** A text of the form of a token, its segments of these many bytes. */
const tokenOf = (seed: number, header: number, payload: number, signature: number): string =>
  [header, payload, signature].map((length, i) => bytesOf(seed * 3 + i, length).toString('base64url')).join('.');

const VALID = `${HEADER}.${bytesOf(1, 240).toString('base64url')}.${bytesOf(2, 64).toString('base64url')}`;

describe('a token in compact serialisation', () => {
  it('passes with its first segment', () => expect(encodedHeaderOf(VALID)).toBe(HEADER));

  it('passes at every length of its segments', () => {
    for (let i = 1; i <= 12; i++) {
      const token = tokenOf(i, i, i + 1, i + 2);
      expect(encodedHeaderOf(token)).toBe(token.split('.')[0]);
    }
  });

  it('passes as a real one does', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const input = `${HEADER}.${Buffer.from('{"sub":"x"}').toString('base64url')}`;
    const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    expect(encodedHeaderOf(`${input}.${signature.toString('base64url')}`)).toBe(HEADER);
  });
});

describe('a text of another form', () => {
  const [header, payload, signature] = VALID.split('.') as [string, string, string];

  it.each([
    ['nothing', ''],
    ['dots alone', '..'],
    ['one segment', header],
    ['two segments', `${header}.${payload}`],
    ['four segments', `${VALID}.${signature}`],
    ['five segments, as encryption has', `${VALID}.${signature}.${signature}`],
    ['no header', `.${payload}.${signature}`],
    ['no payload', `${header}..${signature}`],
    ['no signature', `${header}.${payload}.`],
    ['a dot behind', `${VALID}.`],
    ['a dot before', `.${VALID}`],
    ['padding', `${VALID}==`],
    ['padding inside', `${header}=.${payload}.${signature}`],
    ['a space before', ` ${VALID}`],
    ['a space behind', `${VALID} `],
    ['a line end behind', `${VALID}\n`],
    ['a line end inside', `${header}\n.${payload}.${signature}`],
    ['a null character', `${VALID}\u0000`],
    ['base64 with a plus', `${header}.AAA+.${signature}`],
    ['base64 with a slash', `${header}.AAA/.${signature}`],
    ['percent-encoding', `${header}.AAA%2B.${signature}`],
    ['a letter that only looks like one', `${header}.AAА.${signature}`],
    ['JSON serialisation', JSON.stringify({ payload, protected: header, signature })],
    ['a scheme before', `Bearer ${VALID}`],
  ])('is refused: %s', (_, text) => expect(encodedHeaderOf(text)).toBeNull());

  it('is refused where a segment has a length that no bytes have', () => {
    for (const cut of [0, 1, 2]) {
      const segments = [HEADER, HEADER, HEADER].map((segment, i) => segment.slice(0, i === cut ? 5 : 4));
      expect(encodedHeaderOf(segments.join('.'))).toBeNull();
    }
    expect(encodedHeaderOf('AAAA.AAAA.A')).toBeNull();
  });
});

describe('the length of a token', () => {
  const ofLength = (length: number) => `AAAA.${'A'.repeat(length - 10)}.AAAA`;

  it('is at most 8192 characters', () => {
    expect(encodedHeaderOf(ofLength(8192 - 2))).toBe('AAAA');
    expect(encodedHeaderOf(`AAAAAA.${'A'.repeat(8180)}.AAAA`)).toBe('AAAAAA');
    expect(encodedHeaderOf(`AAAAAAA.${'A'.repeat(8180)}.AAAA`)).toBeNull();
    expect(encodedHeaderOf(ofLength(1_000_002))).toBeNull();
  });
});

describe('another spelling of the same bytes', () => {
  const decoded = (segment: string) => Buffer.from(segment, 'base64url');

  /** All texts that differ from the token in the last character of one segment and decode to the same bytes. */
  function spellingsOf(token: string, segment: number): string[] {
    const parts = token.split('.');
    const original = parts[segment]!;
    return [...BASE64URL]
      .map((last) => original.slice(0, -1) + last)
      .filter((other) => other !== original && decoded(other).equals(decoded(original)))
      .map((other) => parts.with(segment, other).join('.'));
  }

  it.each([
    ['ES256', 64],
    ['RS256', 256],
    ['HS256', 32],
  ])('is refused in the signature of %s, for any token', (_, bytes) => {
    for (let seed = 0; seed < 100; seed++) {
      const token = tokenOf(seed, 36, 240 + (seed % 3), bytes);
      const spellings = spellingsOf(token, 2);
      expect(spellings).toHaveLength(bytes % 3 === 1 ? 15 : 3);
      expect(spellings.filter((other) => encodedHeaderOf(other) !== null)).toEqual([]);
      expect(encodedHeaderOf(token)).not.toBeNull();
    }
  });

  it.each([0, 1])('is refused in segment %d', (segment) => {
    for (let seed = 0; seed < 50; seed++) {
      const token = tokenOf(seed, 34 + (seed % 2), 34 + (seed % 2), 64);
      const spellings = spellingsOf(token, segment);
      expect(spellings.length).toBeGreaterThan(0);
      expect(spellings.filter((other) => encodedHeaderOf(other) !== null)).toEqual([]);
    }
  });

  it('is all that is refused: every last character of canonical base64url passes', () => {
    for (const bytes of [1, 2, 3]) {
      const lasts = new Set<string>();
      for (let byte = 0; byte < 256; byte++) {
        const segment = Buffer.alloc(bytes, byte).toString('base64url');
        lasts.add(segment.at(-1)!);
        expect(encodedHeaderOf(`${segment}.${segment}.${segment}`)).toBe(segment);
      }
      expect(lasts.size).toBe([4, 16, 64][bytes - 1]);
    }
  });
});
