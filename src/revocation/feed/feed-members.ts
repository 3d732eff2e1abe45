import type { RevocationEntry } from '../revocation.js';

type Epochs = Record<string, number>;

/** The epochs among entries, in seconds. A kind without epochs is absent. */
export interface EpochMembers {
  /** By `sub`. */
  users?: Epochs;
  /** By `client_id`. */
  clients?: Epochs;
  /** By `kid`. */
  keys?: Epochs;
  all?: number;
}

/** Collects the epochs among entries. Of several epochs of one subject the latest counts. */
export function epochsOf(entries: readonly RevocationEntry[]): EpochMembers {
  const members: EpochMembers = {};
  for (const entry of entries) {
    if (entry.kind === 'session') continue;
    if (entry.kind === 'all') {
      members.all = Math.max(members.all ?? 0, entry.notBefore);
    } else {
      const epochs = (members[`${entry.kind}s`] ??= Object.create(null) as Epochs);
      epochs[entry.subject] = Math.max(epochs[entry.subject] ?? 0, entry.notBefore);
    }
  }
  return members;
}

/**
 * Groups the fingerprints of revoked sessions by the time, in seconds, from which they can be forgotten, earliest
 * first.
 */
export function sessionsByExpiry(entries: readonly RevocationEntry[]): [expiresAt: number, fingerprints: string[]][] {
  const sessions = entries.filter((entry) => entry.kind === 'session');
  return [...Map.groupBy(sessions, ({ expiresAt }) => expiresAt)]
    .map(([expiresAt, group]): [number, string[]] => [expiresAt, group.map(({ fingerprint }) => fingerprint)])
    .sort(([a], [b]) => a - b);
}
