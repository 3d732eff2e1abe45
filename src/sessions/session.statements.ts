import { countingUpTo } from '../common/pagination.js';
import { recording } from '../audit/audit.statements.js';
import type { Statement } from '../platform/database/database.js';
import { using } from '../platform/one-time/one-time-values.statements.js';
import type { EndedSession } from '../revocation/ended-sessions.js';
import type { AssuranceLevel } from './new-session.js';

/**
 * The columns of a session for its tokens, besides those of the user and the time. `is_elevated`: the user proved more
 * than one factor at the sign-in. A row of the previous version of the service has no `auth_time`, because it was
 * written at the sign-in.
 */
const STATED = `s.expires_at, s.status_index, s.dpop_jkt, s.client_id, s.scopes, s.audiences,
        coalesce(s.auth_time, s.created_at) AS auth_time, s.amr, s.acr,
        s.acr <> 'aal1' OR s.auth_time > s.created_at AS is_elevated`;

/**
 * A condition that is false for a child whose parent is gone, also where the previous version of the service, which
 * knows no parents, has ended only the parent.
 */
const HAS_PARENT = '(s.parent_id IS NULL OR EXISTS (SELECT FROM sessions AS p WHERE p.id = s.parent_id))';

/**
 * Opens a session, only for a user who is active and whose credentials are those that were checked. The share lock on
 * the user's row puts this statement and a concurrent disable, delete, password or role change one after the other, so
 * that the returned columns of the user are current. `rotated_at` is the `iat` of the tokens with these contents: a
 * time before the user was read, or after the epoch. A transaction that sets the next epoch finds it in the row.
 *
 * A session under a parent (`$10`) opens only while the parent lives, and ends no later than it. It takes the parent's
 * authentication, and counts as a use of the parent. The statement writes the parent's row, so that it and the parent's
 * end come one after the other, and a purge that waits for the row sees the use.
 *
 * The same statement writes the event for the audit log (`$18`), so that this costs no round trip, and no session opens
 * without its event.
 */
const opening = (used: string | null): string => `WITH owner AS (
      SELECT id, email, roles, token_epoch FROM users
      WHERE id = $2 AND status = 'active' AND credentials_version = coalesce($8, credentials_version) FOR SHARE),
    ${used === null ? '' : `used AS (${used}),`}
    parent AS (
      UPDATE sessions AS p SET rotated_at = greatest(p.rotated_at, $4) FROM owner
      WHERE p.id = $10 AND p.user_id = owner.id AND p.parent_id IS NULL AND p.expires_at > $4 AND p.rotated_at > $11
      RETURNING p.id, p.expires_at, coalesce(p.auth_time, p.created_at) AS auth_time, p.amr, p.acr),
    opened AS (
      INSERT INTO sessions AS s (id, user_id, secret_hash, created_at, rotated_at, expires_at, user_agent, address,
        dpop_jkt, parent_id, client_id, scopes, audiences, auth_time, amr, acr)
      SELECT $1, owner.id, $3, $4, greatest($4, to_timestamp(token_epoch + 1)), least($5, parent.expires_at), $6, $7,
        $9, parent.id, $12, $13::text[], $14::text[], coalesce($15, parent.auth_time), coalesce($16::text[], parent.amr),
        coalesce($17, parent.acr)
      FROM owner ${used === null ? '' : 'JOIN used ON true'} LEFT JOIN parent ON true
      WHERE $10::uuid IS NULL OR parent.id IS NOT NULL
      RETURNING s.rotated_at, ${STATED}),
    audited AS (${recording('$18', 'opened')})
    SELECT owner.id AS user_id, owner.email, owner.roles, opened.* FROM owner, opened`;

export const OPEN: Statement = { name: 'session_open', text: opening(null) };

/**
 * Opens a session like {@link OPEN}, and uses up a value that works once (`$19`, `$20`, at `$21`) between the lock of the
 * user and the insert: of concurrent statements with one value only one opens a session. The value keeps the id of it.
 */
export const OPEN_BY_VALUE: Statement = {
  name: 'session_open_by_value',
  text: opening(
    using({ id: '$19', purpose: '$20', now: '$21', note: "jsonb_build_object('session', $1::uuid)" }, 'owner'),
  ),
};

/**
 * Rotates a session by one conditional update: of concurrent callers only one updates the row. The share lock on the
 * user is taken before that of the session, for the same reason as above. `replaced_at` is read after all locks, by the
 * clock of the database, which all instances share: `rotated_at` may be long before a client can see that its token has
 * been replaced. Only the client of the session can rotate it (RFC 6749 6), and only for scopes that the session has.
 */
export const ROTATE: Statement = {
  name: 'session_rotate',
  text: `WITH owner AS (
      SELECT u.id, u.email, u.roles, u.status, u.token_epoch FROM sessions AS own JOIN users AS u ON u.id = own.user_id
      WHERE own.id = $1 FOR SHARE OF u)
    UPDATE sessions AS s SET generation = s.generation + 1, address = $6,
      replaced_generation = s.generation, replaced_at = clock_timestamp(),
      rotated_at = greatest($4, to_timestamp(owner.token_epoch + 1))
    FROM owner
    WHERE s.id = $1 AND s.generation = $2 AND s.secret_hash = $3 AND s.expires_at > $4 AND s.rotated_at > $5
      AND owner.status = 'active' AND s.dpop_jkt IS NOT DISTINCT FROM $7 AND s.client_id IS NOT DISTINCT FROM $8
      AND s.scopes @> $9::text[] AND ${HAS_PARENT}
    RETURNING s.user_id, s.rotated_at, owner.email, owner.roles, ${STATED}`,
};

/**
 * Keeps a session alive without rotating it, by one conditional update under the same locks: for a cookie, or for a
 * refresh token while `$6` is its generation. The returned `rotated_at` is the `iat` of a token with the returned
 * contents. The row keeps the latest such time, because several instances may do this at once, each by its own clock.
 */
export const TOUCH: Statement = {
  name: 'session_touch',
  text: `WITH owner AS (
      SELECT u.id, u.email, u.roles, u.status, u.token_epoch FROM sessions AS own JOIN users AS u ON u.id = own.user_id
      WHERE own.id = $1 FOR SHARE OF u)
    UPDATE sessions AS s SET address = coalesce($5, s.address),
      rotated_at = greatest(s.rotated_at, $3, to_timestamp(owner.token_epoch + 1))
    FROM owner
    WHERE s.id = $1 AND s.secret_hash = $2 AND s.expires_at > $3 AND s.rotated_at > $4 AND owner.status = 'active'
      AND s.generation = coalesce($6, s.generation) AND ${HAS_PARENT}
    RETURNING s.user_id, greatest($3, to_timestamp(owner.token_epoch + 1)) AS rotated_at, owner.email, owner.roles,
      ${STATED}`,
};

/**
 * Reads a session whose rotation updated no row. Where the previous version of the service rotated it, only
 * `rotated_at` tells when.
 */
export const INSPECT: Statement = {
  name: 'session_inspect',
  text: `SELECT s.user_id, s.generation, s.rotated_at, s.expires_at, s.dpop_jkt, s.client_id, s.scopes, u.status,
      1000 * extract(epoch FROM clock_timestamp() -
        CASE s.replaced_generation WHEN s.generation - 1 THEN s.replaced_at ELSE s.rotated_at END)::float8 AS since_rotation
    FROM sessions AS s JOIN users AS u ON u.id = s.user_id
    WHERE s.id = $1 AND s.secret_hash = $2 AND ${HAS_PARENT}`,
};

/** Locks a living session for sharing, so that its end waits for the transaction. */
export const HOLD = `SELECT s.expires_at, s.status_index FROM sessions AS s
  WHERE s.id = $1 AND s.user_id = $2 AND s.expires_at > $3 AND s.rotated_at > $4 AND ${HAS_PARENT} FOR SHARE OF s`;

export const IS_CHILD_OF: Statement = {
  name: 'session_is_child_of',
  text: 'SELECT true AS found FROM sessions WHERE id = $1 AND parent_id = $2',
};

/** The contents of a session's tokens. */
export interface OwnedRow extends Record<string, unknown> {
  user_id: string;
  email: string;
  roles: string[];
  rotated_at: Date;
  expires_at: Date;
  status_index: number | null;
  dpop_jkt: string | null;
  client_id: string | null;
  scopes: string[];
  audiences: string[] | null;
  auth_time: Date;
  amr: string[];
  acr: AssuranceLevel;
  is_elevated: boolean;
}

export interface InspectedRow extends Record<string, unknown> {
  user_id: string;
  generation: number;
  rotated_at: Date;
  expires_at: Date;
  dpop_jkt: string | null;
  client_id: string | null;
  scopes: string[];
  status: string;
  /** Milliseconds. */
  since_rotation: number;
}

export const LIST: Statement = {
  name: 'session_list',
  text: `SELECT id, created_at, rotated_at, expires_at, user_agent, address FROM sessions
    WHERE user_id = $1 AND expires_at > $2 AND rotated_at > $3 AND ($4::uuid IS NULL OR id < $4)
    ORDER BY id DESC LIMIT $5`,
};

export const COUNT: Statement = {
  name: 'session_count',
  text: countingUpTo('SELECT 1 FROM sessions WHERE user_id = $1 AND expires_at > $2 AND rotated_at > $3'),
};

export interface SessionRow extends Record<string, unknown> {
  id: string;
  created_at: Date;
  rotated_at: Date;
  expires_at: Date;
  user_agent: string | null;
  address: string | null;
}

/**
 * Deletes sessions that are past their limits, in portions, so that a large backlog never holds many locks. A parent
 * that is no longer used itself stays while one of its children is used.
 */
export const PURGE: Statement = {
  name: 'session_purge',
  text: `DELETE FROM sessions WHERE id IN (
    SELECT s.id FROM sessions AS s
    WHERE s.expires_at <= $1 OR s.rotated_at <= $2
      AND NOT EXISTS (SELECT FROM sessions AS c WHERE c.parent_id = s.id AND c.rotated_at > $2)
    LIMIT 5000 FOR UPDATE SKIP LOCKED)`,
};

/** Returns SQL that counts the sessions that meet a condition, and those that end with them. */
export const countOf = (condition: string): string =>
  `SELECT coalesce(sum(n), 0)::int AS sessions, count(*)::int AS users
   FROM (SELECT count(*) AS n FROM sessions WHERE id IN (
       SELECT s.id FROM sessions AS s WHERE ${condition}
       UNION ALL SELECT c.id FROM sessions AS s JOIN sessions AS c ON c.parent_id = s.id WHERE ${condition})
     GROUP BY user_id) AS per_user`;

export const END_PORTION = 5_000;

export const IS_ROOT = 's.parent_id IS NULL';
export const IS_CHILD = 's.parent_id IS NOT NULL';
/** A condition for children whose parent has ended in this transaction. */
export const HAS_LOST_PARENT = 'NOT EXISTS (SELECT FROM sessions AS p WHERE p.id = s.parent_id)';

/**
 * Returns SQL that ends the next sessions in the order of user and id, after those of the last two parameters. In that
 * order, transactions that end overlapping sets wait for each other instead of deadlocking. Children come after all
 * others.
 */
export const endPortion = (condition: string, parameters: number): string =>
  `WITH chosen AS (
     SELECT s.id FROM sessions AS s
     WHERE (${condition}) AND (s.user_id, s.id) > ($${parameters + 1}::uuid, $${parameters + 2}::uuid)
     ORDER BY s.user_id, s.id LIMIT ${END_PORTION} FOR UPDATE),
   ended AS (DELETE FROM sessions WHERE id IN (SELECT id FROM chosen) RETURNING id, user_id, client_id, status_index, rotated_at)
   SELECT id, user_id AS "userId", client_id AS "clientId", status_index AS "statusIndex", rotated_at AS "rotatedAt" FROM ended
   ORDER BY user_id, id`;

export interface EndedRow extends EndedSession {
  userId: string;
  clientId: string | null;
}
