/**
 * An entry of the log: a session that ended, or an epoch. `until` is the time from which it can be forgotten, in
 * seconds.
 */
export type Revocation = { until: number } & (
  | { kind: 'session'; fingerprint: string }
  | { kind: 'users' | 'clients' | 'keys'; id: string; at: number }
  | { kind: 'all'; at: number }
);

/** The members that a frame and a snapshot share. */
export interface Epochs {
  users?: Record<string, number>;
  clients?: Record<string, number>;
  keys?: Record<string, number>;
  all?: number;
}

/** The log of revocations, numbered without gaps from 1 on. */
export class RevocationLog {
  private readonly entries: Revocation[] = [];

  /** The number of the last entry. */
  get seq(): number {
    return this.entries.length;
  }

  append(entry: Revocation): void {
    this.entries.push(entry);
  }

  /** Returns the entries after number `seq`. */
  after(seq: number): Revocation[] {
    return this.entries.slice(seq);
  }

  /** Returns the entries that a living token may still match. `now` is in seconds. */
  alive(now: number): Revocation[] {
    return this.entries.filter(({ until }) => until > now);
  }
}

/**
 * Collects the epochs among entries. Later entries overwrite earlier ones, because the issuer's time never goes back.
 */
export function epochsOf(entries: Revocation[]): Epochs {
  const epochs: Epochs = {};
  for (const entry of entries) {
    if (entry.kind === 'session') continue;
    if (entry.kind === 'all') epochs.all = entry.at;
    else (epochs[entry.kind] ??= {})[entry.id] = entry.at;
  }
  return epochs;
}

/** Groups fingerprints by the time from which they can be forgotten, in the order of that time. */
export function fingerprintsOf(entries: Revocation[]): Map<number, string[]> {
  const groups = new Map<number, string[]>();
  for (const entry of entries.toSorted((a, b) => a.until - b.until)) {
    if (entry.kind !== 'session') continue;
    const group = groups.get(entry.until);
    if (group) group.push(entry.fingerprint);
    else groups.set(entry.until, [entry.fingerprint]);
  }
  return groups;
}
