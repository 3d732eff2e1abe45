import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { constants, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { signJws } from '../../jose/jws.js';
import type { RevocationEntry } from '../revocation.js';
import { snapshotOf } from './feed-snapshot.js';

const session = (seq: number, fingerprint: string, expiresAt: number): RevocationEntry => ({
  seq,
  kind: 'session',
  fingerprint,
  statusIndex: null,
  expiresAt,
});

const FACTS = { issuer: 'https://auth.example.com', asOf: 1_795_400_000_123, seq: 42 };

describe('a snapshot', () => {
  it('is a line of JSON and the fingerprints that it counts, as bytes', () => {
    const fingerprints = Array.from({ length: 3 }, () => randomBytes(7));
    const [a, b, c] = fingerprints.map((bytes) => bytes.toString('base64url')) as [string, string, string];
    const entries: RevocationEntry[] = [
      session(1, a, 1_795_400_760),
      session(2, b, 1_795_400_700),
      session(3, c, 1_795_400_700),
      { seq: 4, kind: 'user', subject: 'user-1', notBefore: 1_795_400_000, statusIndexes: [], expiresAt: 1 },
    ];
    const snapshot = snapshotOf(entries, FACTS);
    const end = snapshot.indexOf('\n');
    expect(snapshot.subarray(0, end).toString()).toBe(
      '{"iss":"https://auth.example.com","iat":1795400000.123,"seq":42,"sessions":[[1795400700,2],[1795400760,1]],"users":{"user-1":1795400000}}',
    );
    expect(snapshot.subarray(end + 1)).toEqual(Buffer.concat([fingerprints[1]!, fingerprints[2]!, fingerprints[0]!]));
  });

  it('of nothing names no subjects', () => {
    expect(snapshotOf([], FACTS).toString()).toBe(
      '{"iss":"https://auth.example.com","iat":1795400000.123,"seq":42,"sessions":[]}\n',
    );
  });

  it('of 7,000 sessions takes at most 60 kB compressed', () => {
    const { privateKey: signingKey, publicKey: verificationKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = { kid: 'AAAAAAAA', alg: 'ES256', status: 'active', verificationKey } as const;
    const entries = Array.from({ length: 7_000 }, (_, n) =>
      session(n + 1, randomBytes(7).toString('base64url'), 1_795_400_040 + 60 * (n % 12)),
    );
    const jws = signJws('rev-snapshot+jwt', snapshotOf(entries, FACTS), { key, signingKey });
    const { length } = gzipSync(jws, { strategy: constants.Z_HUFFMAN_ONLY });
    expect(length).toBeGreaterThan(7_000 * 7);
    expect(length).toBeLessThanOrEqual(60_000);
  });
});
