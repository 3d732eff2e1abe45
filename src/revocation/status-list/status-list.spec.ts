import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { RevocationEntry } from '../revocation.js';
import { contentOf, encodeStatusList, LIST_SIZE, statusListReference } from './status-list.js';

const NOW = 1_795_400_000;
let seq = 0;
const session = (statusIndex: number | null, expiresAt = NOW + 600): RevocationEntry => ({
  seq: ++seq,
  kind: 'session',
  fingerprint: '0123456789',
  statusIndex,
  expiresAt,
});
const epoch = (kind: 'user' | 'all', statusIndexes: number[], expiresAt = NOW + 600): RevocationEntry => ({
  seq: ++seq,
  kind,
  subject: '',
  notBefore: NOW,
  statusIndexes,
  expiresAt,
});

describe('the reference of a token', () => {
  it.each([
    [0, 0, 0],
    [LIST_SIZE - 1, 0, LIST_SIZE - 1],
    [LIST_SIZE, 1, 0],
    [2 ** 31 - 1, 2 ** 14 - 1, LIST_SIZE - 1],
  ])('%i is in list %i at %i', (index, list, idx) =>
    expect(statusListReference('https://auth.example.com', index)).toEqual({
      idx,
      uri: `https://auth.example.com/status-lists/${list}`,
    }),
  );
});

describe('the content of a list', () => {
  it('is what ended of its own sessions, alone or with an epoch', () => {
    const entries = [
      session(9),
      session(LIST_SIZE + 4),
      session(null),
      epoch('all', [7, LIST_SIZE + 3, 8]),
      epoch('user', []),
    ];
    expect(contentOf(0, entries, NOW).revoked).toEqual([7, 8, 9]);
    expect(contentOf(1, entries, NOW).revoked).toEqual([3, 4]);
    expect(contentOf(2, entries, NOW)).toEqual({ revoked: [], changesAt: Infinity });
  });

  it('forgets whose tokens have expired, and says when the next does', () => {
    const entries = [session(1, NOW), session(2, NOW + 1), epoch('all', [3], NOW + 2), session(LIST_SIZE, NOW + 1)];
    expect(contentOf(0, entries, NOW)).toEqual({ revoked: [2, 3], changesAt: NOW + 1 });
    expect(contentOf(0, entries, NOW + 1)).toEqual({ revoked: [3], changesAt: NOW + 2 });
  });
});

describe('the encoded list', () => {
  // The example of Token Status List 4.1.
  it('has the least significant bit first', () => {
    const bits = inflateSync(Buffer.from(encodeStatusList([0, 3, 4, 5, 7, 8, 9, 13, 15]), 'base64url'));
    expect(bits.subarray(0, 3).toString('hex')).toBe('b9a300');
    expect(bits.length).toBe(LIST_SIZE / 8);
  });

  it('of nothing is small', () => expect(encodeStatusList([]).length).toBeLessThan(80));
});
