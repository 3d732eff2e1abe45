/** Writes the entries of a parameter, an array in JSON. */
export const RECORD = 'INSERT INTO audit_inbox SELECT * FROM jsonb_populate_recordset(NULL::audit_inbox, $1::jsonb)';

/**
 * Returns a part of a statement (`WITH audited AS (…)`) that writes the entry of a parameter, an object in JSON, for
 * each row of another part: so that the effect of that part is recorded without a further round trip.
 */
export const recording = (parameter: string, done: string): string =>
  `INSERT INTO audit_inbox SELECT entry.* FROM ${done}, jsonb_populate_record(NULL::audit_inbox, ${parameter}::jsonb) AS entry`;

const COLUMNS = 'id, at, event, outcome, reason, actor, subject, client, host(address) AS address, request_id, details';

/** Returns the events that meet a condition, the newest first: those that are sealed, and those of the last second. */
export const list = (condition: string, limit: string): string =>
  `SELECT ${COLUMNS}, seq FROM (
     SELECT *, NULL::bigint AS seq FROM audit_inbox
     UNION ALL
     SELECT id, at, event, outcome, reason, actor, subject, client, address, request_id, details, seq FROM audit_events
   ) AS e WHERE ${condition} ORDER BY id DESC LIMIT ${limit}`;
