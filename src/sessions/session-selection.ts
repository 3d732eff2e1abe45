/** Which sessions: those to which all of this applies. */
export interface SessionSelection {
  id?: string;
  /** Neither this one nor its parent. */
  except?: string;
  secretHash?: Buffer;
  userId?: string;
  /** Null: the first-party client. */
  clientId?: string | null;
  /** Of users who have this role. */
  role?: string;
  createdBefore?: Date;
  createdAfter?: Date;
  /** CIDR blocks, one of which holds the address that the session was last refreshed from. */
  networks?: string[];
  /** Says that all are meant where nothing narrows them down. */
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
  // What `clientAddressOf` writes: an address, with a zone perhaps (RFC 4007 11), or "unknown".
  networks: (value) =>
    `CASE WHEN s.address ~ '[.:]' THEN split_part(s.address, '%', 1)::inet <<= ANY (${value}::inet[]) END`,
};

/** A condition on the rows of `sessions AS s`, with the values of its parameters. */
export function conditionOf(selection: SessionSelection): [condition: string, values: unknown[]] {
  const { everybody, ...criteria } = selection;
  const given = Object.entries(criteria).filter(([, value]) => value !== undefined) as [Criterion, unknown][];
  // An argument that got lost must not sign everybody out.
  if (!everybody && given.every(([criterion]) => criterion === 'except')) throw new Error('All sessions were selected');
  const conditions = given.map(([criterion], index) => CONDITIONS[criterion](`$${index + 1}`));
  return [conditions.join(' AND ') || 'true', given.map(([, value]) => value)];
}
