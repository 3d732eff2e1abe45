import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  checksumOf,
  decodeApiKey,
  encodeApiKey,
  KEY_ID,
  looksLikeApiKey,
  newKeyId,
  newKeySecret,
  type ApiKeyClaim,
} from './api-key.js';

const KEY = createSecretKey(Buffer.alloc(32, 7));
const CLAIM: ApiKeyClaim = {
  kind: 'pat',
  id: 'key_q3kXlN0bJ1cAb9-Z',
  secret: Buffer.from('00112233445566778899aabbccddeeff00112233', 'hex'),
};
const TEXT = encodeApiKey(KEY, CLAIM);
const withChecksum = (body: string): string => body + checksumOf(body);

describe('an API key', () => {
  it('has a prefix and a checksum that scanners know', () => {
    expect(TEXT).toMatch(/^cs_pat_[\w-]{64}[0-9A-Za-z]{6}$/);
    expect(encodeApiKey(KEY, { ...CLAIM, kind: 'key' })).toMatch(/^cs_key_[\w-]{64}[0-9A-Za-z]{6}$/);
  });

  // CRC-32 of "123456789" is 0xCBF43926 by every catalogue: 3421780262 = 3·62⁵ + 45·62⁴ + 35·62³ + 27·62² + 22·62 + 14.
  it.each([
    ['123456789', '3jZRME'],
    ['', '000000'],
  ])('carries the CRC-32 of what stands before it in base 62: %j', (text, checksum) => {
    expect(checksumOf(text)).toBe(checksum);
  });

  it.each(['pat', 'key'] as const)('comes back as its claim: %s', (kind) => {
    const claim = { kind, id: newKeyId(), secret: newKeySecret() };
    expect(decodeApiKey(KEY, encodeApiKey(KEY, claim))).toEqual(claim);
  });

  it('has an id that neither a user nor a client can have', () => {
    expect(newKeyId()).toMatch(KEY_ID);
    expect(newKeyId()).not.toBe(newKeyId());
  });

  it('is told from a JWT, a refresh token and a secret of a client by its beginning', () => {
    expect(looksLikeApiKey(TEXT)).toBe(true);
    for (const other of ['eyJhbGciOiJFUzI1NiJ9.e30.AA', `csr_${'A'.repeat(70)}`, `css_${'A'.repeat(43)}`, '']) {
      expect(looksLikeApiKey(other)).toBe(false);
    }
  });
});

describe('a forged API key', () => {
  const refused = (text: string) => expect(decodeApiKey(KEY, text), text).toBeNull();

  it('is refused with any character changed, and with the checksum mended as well', () => {
    const body = TEXT.slice(0, -6);
    for (let position = 0; position < TEXT.length; position++) {
      for (const character of 'A9_-z') {
        if (TEXT[position] === character) continue;
        const changed = TEXT.slice(0, position) + character + TEXT.slice(position + 1);
        refused(changed);
        if (position < body.length) refused(withChecksum(changed.slice(0, -6)));
      }
    }
  });

  it('is refused under the prefix of the other kind', () => {
    refused(withChecksum(TEXT.slice(0, -6).replace('cs_pat_', 'cs_key_')));
  });

  it('is refused with the MAC of another server', () => {
    refused(encodeApiKey(createSecretKey(Buffer.alloc(32, 8)), CLAIM));
  });

  it('is refused with parts of another genuine one', () => {
    const other = encodeApiKey(KEY, {
      ...CLAIM,
      id: 'key_0123456789abcdef',
      secret: Buffer.alloc(CLAIM.secret.length, 9),
    });
    for (let cut = 8; cut < 71; cut++) refused(withChecksum(TEXT.slice(0, cut) + other.slice(cut, -6)));
  });

  it.each([
    ['longer', `${TEXT}A`],
    ['shorter', TEXT.slice(0, -1)],
    ['padded', withChecksum(`${TEXT.slice(0, -6)}==`)],
    ['with a space before', ` ${TEXT}`],
    ['with a line behind', `${TEXT}\n`],
    ['in capitals', TEXT.toUpperCase()],
    ['without its prefix', TEXT.slice(7)],
    ['with another alphabet', withChecksum(`${TEXT.slice(0, 7)}${'+'.repeat(64)}`)],
    ['empty', ''],
  ])('is refused %s', (_, text) => refused(text));
});
