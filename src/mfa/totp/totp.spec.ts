import { describe, expect, it } from 'vitest';
import { base32, hotp, matchingStep, otpauthUri, stepOf } from './totp.js';

// RFC 6238 appendix B: the secrets are as long as the output of the hash.
const secretOf = (length: number) => Buffer.from('1234567890'.repeat(7).slice(0, length));
const VECTORS: [number, string, string, string][] = [
  [59, '94287082', '46119246', '90693936'],
  [1_111_111_109, '07081804', '68084774', '25091201'],
  [1_111_111_111, '14050471', '67062674', '99943326'],
  [1_234_567_890, '89005924', '91819424', '93441116'],
  [2_000_000_000, '69279037', '90698825', '38618901'],
  [20_000_000_000, '65353130', '77737706', '47863826'],
];

describe('a time-based code', () => {
  it.each(VECTORS)('is that of RFC 6238 at %d', (seconds, ...codes) => {
    const algorithms = [
      ['sha1', 20],
      ['sha256', 32],
      ['sha512', 64],
    ] as const;
    for (const [index, [algorithm, length]] of algorithms.entries())
      expect(hotp(secretOf(length), stepOf(seconds), 8, algorithm)).toBe(codes[index]);
  });

  it('is that of RFC 4226 for each counter of appendix D', () => {
    const codes = ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'];
    expect(codes.map((_, counter) => hotp(secretOf(20), counter))).toEqual(codes);
  });

  it('is accepted one step early and one late, and no further', () => {
    const secret = secretOf(20);
    const now = 1_700_000_000;
    for (const drift of [-1, 0, 1]) {
      const step = stepOf(now) + drift;
      expect(matchingStep(secret, hotp(secret, step), now)).toBe(step);
    }
    for (const drift of [-2, 2]) expect(matchingStep(secret, hotp(secret, stepOf(now) + drift), now)).toBeNull();
  });

  it.each(['', '12345', '1234567', 'abcdef'])('is none: %j', (code) =>
    expect(matchingStep(secretOf(20), code, 59)).toBeNull(),
  );
});

describe('a secret', () => {
  // RFC 4648 section 10, without padding.
  it.each([
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ])('is typed in base 32: %j', (text, encoded) => expect(base32(Buffer.from(text))).toBe(encoded));

  it('is in the address of a QR code, with the issuer and the account', () =>
    expect(otpauthUri(Buffer.from('foobar'), 'My Company', 'alice+a@example.com')).toBe(
      'otpauth://totp/My%20Company:alice%2Ba%40example.com?secret=MZXW6YTBOI&issuer=My%20Company&digits=6&period=30',
    ));
});
