import type { Statement } from '../../platform/database/database.js';

const HEAD = '(SELECT coalesce(max(seq), 0) FROM audit_checkpoints)';

/** A condition on `receiver`: it lacks events. */
export const LACKS_EVENTS = `receiver.position < ${HEAD}`;

/** Begins with receivers that are new, at the end of the log. */
export const BEGIN: Statement = {
  name: 'audit_forwarding_begin',
  text: `INSERT INTO audit_forwarding (id, position) SELECT id, ${HEAD} FROM unnest($1::text[]) AS id
    ON CONFLICT DO NOTHING`,
};

/** Notes what a receiver has accepted, where the worker still has its lease. */
export const ADVANCE: Statement = {
  name: 'audit_forwarding_advance',
  text: `UPDATE audit_forwarding SET position = $3 WHERE id = $1 AND attempts = $2 AND position < $3
    RETURNING true AS advanced`,
};

export const STATE: Statement = {
  name: 'audit_forwarding_state',
  text: `SELECT coalesce(sum(greatest(${HEAD} - position, 0)), 0)::integer AS waiting,
      extract(epoch FROM now() - min((SELECT sealed_at FROM audit_events WHERE seq > position ORDER BY seq LIMIT 1)))
        ::double precision AS oldest,
      count(*) FILTER (WHERE failures > 0)::integer AS failing
    FROM audit_forwarding WHERE id = ANY ($1)`,
};
