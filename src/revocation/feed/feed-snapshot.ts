import type { RevocationEntry } from '../revocation.js';
import { epochsOf, sessionsByExpiry } from './feed-members.js';

/** The contents of a snapshot: the whole log up to `seq`, as it was known at `asOf` (milliseconds). */
export interface SnapshotFacts {
  issuer: string;
  asOf: number;
  seq: number;
}

/**
 * Returns the payload of a snapshot: one line of JSON, a line feed, and the fingerprints that the JSON counts, 7 bytes
 * each.
 */
export function snapshotOf(entries: readonly RevocationEntry[], { issuer, asOf, seq }: SnapshotFacts): Buffer {
  const sessions = sessionsByExpiry(entries);
  const claims = {
    iss: issuer,
    iat: asOf / 1000,
    seq,
    sessions: sessions.map(([expiresAt, fingerprints]) => [expiresAt, fingerprints.length]),
    ...epochsOf(entries),
  };
  const fingerprints = sessions.flatMap(([, group]) => group.map((one) => Buffer.from(one, 'base64url')));
  return Buffer.concat([Buffer.from(`${JSON.stringify(claims)}\n`), ...fingerprints]);
}
