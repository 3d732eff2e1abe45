import { deflateSync } from 'node:zlib';
import type { RevocationEntry } from '../revocation.js';

/** Entries in a list: 16 kB before compression. */
export const LIST_SIZE = 2 ** 17;

/** The place of a token's status: the claim `status_list` (Token Status List 6.2). */
export interface StatusListReference {
  idx: number;
  uri: string;
}

export const statusListUri = (issuer: string, list: number): string => `${issuer}/status-lists/${list}`;

/** Returns the number of the list that contains this index. */
export const listOf = (statusIndex: number): number => Math.floor(statusIndex / LIST_SIZE);

export const statusListReference = (issuer: string, statusIndex: number): StatusListReference => ({
  idx: statusIndex % LIST_SIZE,
  uri: statusListUri(issuer, listOf(statusIndex)),
});

/** The contents of a list, and until when they stay true if nothing more is revoked (seconds, or Infinity). */
export interface ListContent {
  /** Ascending. */
  revoked: readonly number[];
  changesAt: number;
}

/**
 * Returns the sessions of a list that have ended while tokens of them may be alive. An expired token needs no status.
 */
export function contentOf(list: number, entries: readonly RevocationEntry[], now: number): ListContent {
  const revoked: number[] = [];
  let changesAt = Infinity;
  for (const entry of entries) {
    if (entry.expiresAt <= now) continue;
    const indexes = entry.kind === 'session' ? [entry.statusIndex] : entry.statusIndexes;
    for (const index of indexes) {
      if (index === null || listOf(index) !== list) continue;
      revoked.push(index % LIST_SIZE);
      changesAt = Math.min(changesAt, entry.expiresAt);
    }
  }
  return { revoked: revoked.sort((a, b) => a - b), changesAt };
}

/**
 * Encodes the member `lst`: one bit a session, the least significant first, in ZLIB format and base64url (Token Status
 * List 4.1, 4.2).
 */
export function encodeStatusList(revoked: readonly number[]): string {
  const bits = Buffer.alloc(LIST_SIZE / 8);
  for (const index of revoked) bits[index >> 3]! |= 1 << (index & 7);
  return deflateSync(bits, { level: 9 }).toString('base64url');
}
