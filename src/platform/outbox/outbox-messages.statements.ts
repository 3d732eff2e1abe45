import type { Statement } from '../database/database.js';

export const APPEND = `INSERT INTO outbox_messages (id, kind, payload, due_at, expires_at)
  VALUES ($1, $2, $3, coalesce($4, now()), $5)`;

/** Leases the message of kind $1 that is due first, for $2 milliseconds, as its next attempt. */
export const CLAIM: Statement = {
  name: 'outbox_claim',
  text: `UPDATE outbox_messages SET attempts = attempts + 1, leased_until = now() + $2 * interval '1 millisecond'
    WHERE id = (
      SELECT id FROM outbox_messages
      WHERE kind = $1 AND dead_at IS NULL AND due_at <= now() AND expires_at > now()
        AND (leased_until IS NULL OR leased_until <= now())
      ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, payload, attempts, created_at, expires_at`,
};

export interface MessageRow extends Record<string, unknown> {
  id: string;
  payload: unknown;
  attempts: number;
  created_at: Date;
  expires_at: Date;
}

export const SETTLE: Statement = {
  name: 'outbox_settle',
  text: 'DELETE FROM outbox_messages WHERE id = $1 AND attempts = $2 RETURNING true AS settled',
};

/** Leaves the message for another attempt after $3 milliseconds, because of $4. */
export const POSTPONE: Statement = {
  name: 'outbox_postpone',
  text: `UPDATE outbox_messages SET leased_until = NULL, due_at = now() + $3 * interval '1 millisecond',
      last_error = coalesce($4, last_error)
    WHERE id = $1 AND attempts = $2 RETURNING true AS settled`,
};

/** Keeps the message without a further attempt, because of $3. */
export const BURY: Statement = {
  name: 'outbox_bury',
  text: `UPDATE outbox_messages SET leased_until = NULL, dead_at = now(), last_error = $3
    WHERE id = $1 AND attempts = $2 RETURNING true AS settled`,
};

/** Deletes expired messages that no worker has. */
export const DROP_EXPIRED: Statement = {
  name: 'outbox_drop_expired',
  text: `WITH gone AS (
      DELETE FROM outbox_messages
      WHERE dead_at IS NULL AND expires_at <= now() AND (leased_until IS NULL OR leased_until <= now())
      RETURNING kind, last_error)
    SELECT kind, count(*)::integer AS dropped, max(last_error) AS why FROM gone GROUP BY kind`,
};

/** Deletes messages that were given up $1 days ago. */
export const DROP_DEAD: Statement = {
  name: 'outbox_drop_dead',
  text: `DELETE FROM outbox_messages WHERE dead_at <= now() - $1 * interval '1 day'`,
};

export const STATE: Statement = {
  name: 'outbox_state',
  text: `SELECT count(*) FILTER (WHERE dead_at IS NULL)::integer AS waiting,
      extract(epoch FROM now() - min(created_at) FILTER (WHERE dead_at IS NULL))::double precision AS oldest,
      count(*) FILTER (WHERE dead_at IS NULL AND last_error IS NOT NULL)::integer AS failing,
      count(*) FILTER (WHERE dead_at IS NOT NULL)::integer AS lost
    FROM outbox_messages WHERE kind = $1`,
};
