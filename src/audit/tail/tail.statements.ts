import type { Statement } from '../../platform/database/database.js';

/** The number of the last event of the chain. */
export const END: Statement = {
  name: 'audit_tail_end',
  text: 'SELECT coalesce(max(seq), 0) AS seq FROM audit_checkpoints',
};

/** The events behind a number, in their order. */
export const AFTER: Statement = {
  name: 'audit_tail',
  text: `SELECT id, at, event, outcome, reason, actor, subject, client, host(address) AS address, request_id, details, seq
    FROM audit_events WHERE seq > $1 ORDER BY seq LIMIT $2`,
};
