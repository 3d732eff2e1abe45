/** The criteria of sessions, all of which must apply. */
export interface SessionSelection {
  id?: string;
  /** The id of a session that is excluded, with its parent. */
  except?: string;
  secretHash?: Buffer;
  userId?: string;
  /** Null: the first-party client. */
  clientId?: string | null;
  /** Sessions of users who have this role. */
  role?: string;
  createdBefore?: Date;
  createdAfter?: Date;
  /** CIDR blocks, one of which contains the address that the session was last refreshed from. */
  networks?: string[];
  /** Required to select all sessions, where no other criterion is given. */
  everybody?: true;
}

type Criterion = Exclude<keyof SessionSelection, 'everybody'>;

const CONDITIONS: Record<Criterion, (value: string) => string> = {
  id: (value) => `s.id = ${value}`,
  except: (value) =>
    `s.id <> ${value} AND s.id IS DISTINCT FROM (SELECT own.parent_id FROM sessions AS own WHERE own.id = ${value})`,
  secretHash: (value) => `s.secret_hash = ${value}`,
  userId: (value) => `s.user_id = ${value}`,
  clientId: (value) => `s.client_id IS NOT DISTINCT FROM ${value}`,
  role: (value) => `EXISTS (SELECT FROM users AS u WHERE u.id = s.user_id AND ${value} = ANY (u.roles))`,
  createdBefore: (value) => `s.created_at < ${value}`,
  createdAfter: (value) => `s.created_at > ${value}`,
  // `clientAddressOf` writes an address, perhaps with a zone (RFC 4007 11), or "unknown".
  networks: (value) =>
    `CASE WHEN s.address ~ '[.:]' THEN split_part(s.address, '%', 1)::inet <<= ANY (${value}::inet[]) END`,
};

/** Returns a condition on the rows of `sessions AS s`, with the values of its parameters. */
export function conditionOf(selection: SessionSelection): [condition: string, values: unknown[]] {
  const { everybody, ...criteria } = selection;
  const given = Object.entries(criteria).filter(([, value]) => value !== undefined) as [Criterion, unknown][];
  // A missing criterion must not sign everybody out.
  if (!everybody && given.every(([criterion]) => criterion === 'except')) throw new Error('All sessions were selected');
  const conditions = given.map(([criterion], index) => CONDITIONS[criterion](`$${index + 1}`));
  return [conditions.join(' AND ') || 'true', given.map(([, value]) => value)];
}
