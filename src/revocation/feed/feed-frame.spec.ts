import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signJws } from '../../jose/jws.js';
import type { RevocationEntry, RevocationEpoch } from '../revocation.js';
import { frameOf, serverSentEvent } from './feed-frame.js';

const session = (seq: number, fingerprint: string, expiresAt: number): RevocationEntry => ({
  seq,
  kind: 'session',
  fingerprint,
  statusIndex: null,
  expiresAt,
});

const epoch = (seq: number, kind: RevocationEpoch['kind'], subject: string, notBefore: number): RevocationEntry => ({
  seq,
  kind,
  subject,
  notBefore,
  statusIndexes: [],
  expiresAt: notBefore + 720,
});

describe('a frame', () => {
  it('says what was revoked, by kind, and which numbers it covers', () => {
    const entries = [
      session(3, 'BBBBBBBBBB', 760),
      session(4, 'AAAAAAAAAA', 700),
      epoch(5, 'user', 'user-1', 100),
      session(6, 'CCCCCCCCCC', 760),
      epoch(7, 'client', 'web', 101),
      epoch(8, 'key', 'kid-1', 102),
      epoch(9, 'all', '', 103),
    ];
    expect(frameOf(entries, { asOf: 1_795_400_000_123, from: 2, seq: 9 })).toEqual({
      iat: 1_795_400_000.123,
      seq: 9,
      n: 7,
      sessions: { '700': 'AAAAAAAAAA', '760': 'BBBBBBBBBBCCCCCCCCCC' },
      users: { 'user-1': 100 },
      clients: { web: 101 },
      keys: { 'kid-1': 102 },
      all: 103,
    });
  });

  it('is a heartbeat where nothing was revoked', () => {
    expect(frameOf([], { asOf: 5_000, from: 9, seq: 9 })).toEqual({ iat: 5, seq: 9, n: 0 });
  });

  it('covers numbers whose entries no token can match any more', () => {
    expect(frameOf([], { asOf: 5_000, from: 2, seq: 9 })).toEqual({ iat: 5, seq: 9, n: 7 });
  });

  it('combines epochs of one subject by the latest, in whatever order they come', () => {
    const entries = [
      ...[100, 150, 120].map((notBefore, n) => epoch(n + 1, 'user', 'user-1', notBefore)),
      ...[90, 80].map((notBefore, n) => epoch(n + 4, 'all', '', notBefore)),
    ];
    const frame = frameOf(entries, { asOf: 0, from: 0, seq: 5 });
    expect([frame.users, frame.all]).toEqual([{ 'user-1': 150 }, 90]);
  });

  it('is not misled by a subject that is also a property of every object', () => {
    const entries = ['constructor', '__proto__'].map((subject, n) => epoch(n + 1, 'client', subject, 100));
    expect(JSON.stringify(frameOf(entries, { asOf: 0, from: 0, seq: 2 }).clients)).toBe(
      '{"constructor":100,"__proto__":100}',
    );
  });

  it('takes at most 300 bytes on the wire for one session', () => {
    const { privateKey: signingKey, publicKey: verificationKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = { kid: 'AAAAAAAA', alg: 'ES256', status: 'active', verificationKey } as const;
    const seq = 9_876_543_210;
    const claims = frameOf([session(seq, '3q2-7wAAAA', 1_795_400_700)], {
      asOf: 1_795_400_000_123,
      from: seq - 1,
      seq,
    });
    const event = serverSentEvent(signJws('rev+jwt', JSON.stringify(claims), { key, signingKey }), { id: seq });
    const chunk = `${event.length.toString(16)}\r\n${event}\r\n`;
    expect(Buffer.byteLength(chunk)).toBeLessThanOrEqual(300);
  });
});

describe('serverSentEvent', () => {
  it.each([
    [serverSentEvent('x', { id: 7 }), 'id:7\ndata:x\n\n'],
    [serverSentEvent('x', { event: 'hello' }), 'event:hello\ndata:x\n\n'],
    [serverSentEvent('x', { event: 'snapshot', id: 0 }), 'event:snapshot\nid:0\ndata:x\n\n'],
    [serverSentEvent('x'), 'data:x\n\n'],
  ])('%j', (event, expected) => expect(event).toBe(expected));
});
