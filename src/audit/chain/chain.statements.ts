import type { Statement } from '../../platform/database/database.js';

const textOf = (time: string): string => `to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/**
 * Everything that an event says, and when it was sealed, as one text of JSON. PostgreSQL writes it, so that JavaScript
 * rounds nothing.
 */
const contentOf = (sealedAt: string): string =>
  `jsonb_build_array(id, ${textOf('at')}, event, outcome, reason, actor, subject, client, address, request_id, details,
    ${textOf(sealedAt)})::text`;

const COLUMNS = 'id, at, event, outcome, reason, actor, subject, client, address, request_id, details';

export const WAITING: Statement = {
  name: 'audit_waiting',
  text: 'SELECT EXISTS (SELECT FROM audit_inbox) AS waiting',
};

/** The end of the chain, and the time of the next batch, which is never before that of the last one. */
export const HEAD = `SELECT last.seq, last.hash,
    date_trunc('milliseconds', greatest(clock_timestamp(), last.sealed_at)) AS sealed_at
  FROM (SELECT) AS one
    LEFT JOIN (SELECT * FROM audit_checkpoints ORDER BY seq DESC LIMIT 1) AS last ON true`;

/** The events that wait, the oldest first. The lock keeps them as they are until they are sealed. */
export const TAKE = `SELECT id, ${contentOf('$1::timestamptz')} AS content
  FROM audit_inbox ORDER BY id LIMIT $2 FOR UPDATE`;

/** Moves events into the chain. */
export const SEAL = `WITH links AS (SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bytea[]) AS l (event_id, seq, hash)),
    taken AS (DELETE FROM audit_inbox USING links WHERE id = event_id RETURNING audit_inbox.*, seq, hash)
  INSERT INTO audit_events (${COLUMNS}, seq, hash, sealed_at) SELECT ${COLUMNS}, seq, hash, $4 FROM taken`;

export const SIGN = 'INSERT INTO audit_checkpoints (seq, hash, sealed_at, jws, mac) VALUES ($1, $2, $3, $4, $5)';

const NEXT = '(SELECT min(seq) FROM audit_events WHERE seq > $1)';

/**
 * The next `$3` numbers behind `$1` and up to `$2`, beginning with one that an event has. A number that several rows have
 * is read with all of them, up to a limit.
 */
export const READ: Statement = {
  name: 'audit_chain',
  text: `SELECT seq, hash, event, details, ${contentOf('sealed_at')} AS content FROM audit_events
    WHERE seq >= ${NEXT} AND seq < ${NEXT} + $3::bigint AND seq <= $2 ORDER BY seq LIMIT 10 * $3::bigint`,
};

/** Rows that no checkpoint covers. One statement sees the checkpoints and the rows of one time. */
export const UNSIGNED: Statement = {
  name: 'audit_unsigned',
  text: `SELECT seq FROM audit_events
    WHERE seq < 1 OR seq > coalesce((SELECT max(seq) FROM audit_checkpoints), 0) ORDER BY seq LIMIT $1`,
};

export const CHECKPOINTS: Statement = {
  name: 'audit_checkpoints',
  text: `SELECT seq, hash, sealed_at, jws, mac FROM audit_checkpoints
    WHERE seq >= $1 AND seq <= $2 ORDER BY seq LIMIT $3`,
};

/** The last checkpoint before a time, the first one at or after another, and the number of the oldest event. */
export const RANGE: Statement = {
  name: 'audit_range',
  text: `SELECT (SELECT max(seq) FROM audit_checkpoints WHERE sealed_at < $1) AS first,
      coalesce((SELECT min(seq) FROM audit_checkpoints WHERE sealed_at >= $2),
        (SELECT max(seq) FROM audit_checkpoints)) AS last,
      (SELECT min(seq) FROM audit_events WHERE seq > 0) AS oldest`,
};
