import type { RevocationEntry } from '../revocation.js';
import { epochsOf, sessionsByExpiry, type EpochMembers } from './feed-members.js';

/** The claims of a frame: what has been revoked in (`seq` − `n`, `seq`]. */
export interface FrameClaims extends EpochMembers {
  /** Seconds, with milliseconds as decimals. Everything that was revoked before is in the log up to `seq`. */
  iat: number;
  seq: number;
  n: number;
  /** Concatenated fingerprints, by the time in seconds from which they can be forgotten. */
  sessions?: Record<string, string>;
}

/** The part of the log in a frame: after `from` and up to `seq`, as it was known at `asOf` (milliseconds). */
export interface Knowledge {
  asOf: number;
  from: number;
  seq: number;
}

export function frameOf(entries: readonly RevocationEntry[], { asOf, from, seq }: Knowledge): FrameClaims {
  const sessions = sessionsByExpiry(entries).map(([expiresAt, fingerprints]) => [expiresAt, fingerprints.join('')]);
  return {
    iat: asOf / 1000,
    seq,
    n: seq - from,
    ...(sessions.length > 0 && { sessions: Object.fromEntries(sessions) as Record<string, string> }),
    ...epochsOf(entries),
  };
}

/** Writes one server-sent event (WHATWG HTML 9.2.5), without optional spaces, because frames are many and small. */
export function serverSentEvent(data: string, { event, id }: { event?: string; id?: number } = {}): string {
  return `${event === undefined ? '' : `event:${event}\n`}${id === undefined ? '' : `id:${id}\n`}data:${data}\n\n`;
}
