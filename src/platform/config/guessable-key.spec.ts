import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isGuessable } from './guessable-key.js';

describe('a key that somebody has thought of', () => {
  it.each([
    'change-me-to-something-long-and-random-please',
    'this-is-a-very-long-secret-key-for-production-use',
    'ThisIsAVeryLongSecretKeyForProductionUse2024Now',
    'my-super-secret-key-that-nobody-will-ever-guess',
    'supersecretsupersecretsupersecretsupersecret',
    'correct-horse-battery-staple-correct-horse-battery',
    'your-256-bit-secret-goes-here-replace-it-please',
    'the-output-of-openssl-rand-base64-32-goes-in-here',
    'countersign-development-secret-key-do-not-use-it-in-production',
    'geheimer-schluessel-fuer-die-produktion-bitte-aendern',
    'qwertyuiopasdfghjklzxcvbnm1234567890qwertyuiop',
    'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ',
    Buffer.from('change me to something long and random, please').toString('base64'),
  ])('%s', (text) => expect(isGuessable(Buffer.from(text, 'base64'))).toBe(true));

  it.each([
    '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
    '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff',
    Buffer.from('change me to something long and random').toString('hex'),
  ])('%s, in hex', (text) => expect(isGuessable(Buffer.from(text, 'hex'))).toBe(true));
});

describe('a random key', () => {
  it('passes, whatever its length, and twice encoded too', () => {
    for (let round = 0; round < 2_000; round++) {
      const key = randomBytes(32 + (round % 33));
      expect([key.toString('hex'), isGuessable(key)]).toEqual([key.toString('hex'), false]);
      expect(isGuessable(Buffer.from(key.toString('hex')))).toBe(false);
    }
  });
});
