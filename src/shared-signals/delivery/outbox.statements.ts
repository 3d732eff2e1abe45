import { SCOPES } from '../../common/scopes.js';
import type { Statement } from '../../platform/database/database.js';

/** SQL that adds one row for each subject and each stream that wants the event. Without a stream it adds nothing. */
export const APPEND = `WITH appended AS (
    INSERT INTO signal_events (stream_id, type, user_id, session_id, event, txn, created_at)
    SELECT stream.id, $1, subject.user_id, subject.session_id, $4, $5, $6
    FROM signal_streams AS stream, unnest($2::uuid[], $3::uuid[]) AS subject (user_id, session_id)
    WHERE stream.status <> 'disabled' AND $1 = ANY (stream.events_requested)
    RETURNING stream_id)
  SELECT id, method FROM signal_streams WHERE id IN (SELECT stream_id FROM appended)`;

export const APPEND_ABOUT_STREAM = `WITH appended AS (
    INSERT INTO signal_events (stream_id, type, event, txn, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING stream_id)
  SELECT id, method FROM signal_streams WHERE id IN (SELECT stream_id FROM appended)`;

/** A stream that an event was written for. */
export interface AppendedRow {
  id: string;
  method: 'push' | 'poll';
}

// A stream that is not enabled still sends the event that says so (SSF 1.0 section 8.1.5).
const STREAM_UPDATED = "event.type = 'https://schemas.openid.net/secevent/ssf/event-type/stream-updated'";

// A service account that may no longer read signals gets none: they wait, as for a paused stream.
const mayRead = (stream: string): string => `(${stream}.client_id IS NULL OR EXISTS (SELECT FROM clients
  WHERE id = ${stream}.client_id AND status = 'active' AND scopes && '{${SCOPES.readSignals},${SCOPES.manageSignals}}'))`;

/** A condition on `receiver`: events wait for a stream that is pushed. */
export const READY_TO_PUSH = `receiver.method = 'push' AND ${mayRead('receiver')}
  AND (receiver.status = 'enabled' AND EXISTS (SELECT FROM signal_events WHERE stream_id = receiver.id)
    OR EXISTS (SELECT FROM signal_events AS event WHERE event.stream_id = receiver.id AND ${STREAM_UPDATED}))`;

/** Reads the oldest events that may be sent. */
export const NEXT: Statement = {
  name: 'signals_next',
  text: `SELECT event.id, event.type, event.user_id, event.session_id, event.event, event.txn, event.created_at
    FROM signal_events AS event JOIN signal_streams AS stream ON stream.id = event.stream_id
    WHERE event.stream_id = $1 AND ${mayRead('stream')} AND (stream.status = 'enabled' OR ${STREAM_UPDATED})
    ORDER BY event.seq LIMIT $2`,
};

export interface EventRow extends Record<string, unknown> {
  id: string;
  type: string;
  user_id: string | null;
  session_id: string | null;
  event: object;
  txn: string;
  created_at: Date;
}

export const ACKNOWLEDGE: Statement = {
  name: 'signals_acknowledge',
  text: 'DELETE FROM signal_events WHERE stream_id = $1 AND id = ANY ($2::uuid[])',
};

/** Removes an event that was pushed under the lease number $3. */
export const SETTLE: Statement = {
  name: 'signals_settle_push',
  text: `DELETE FROM signal_events WHERE stream_id = $1 AND id = $2
      AND EXISTS (SELECT FROM signal_streams WHERE id = $1 AND attempts = $3)
    RETURNING true AS settled`,
};

export const STATE: Statement = {
  name: 'signals_state',
  text: `SELECT event.waiting, event.oldest, stream.failing, stream.dropped FROM
    (SELECT count(*)::integer AS waiting, extract(epoch FROM now() - min(created_at))::double precision AS oldest
      FROM signal_events) AS event,
    (SELECT count(*) FILTER (WHERE failures > 0)::integer AS failing, coalesce(sum(dropped), 0)::double precision AS dropped
      FROM signal_streams) AS stream`,
};

/**
 * Deletes events that are older than $1 and, of each stream, all but the latest $2. The streams count the lost events.
 */
export const DROP: Statement = {
  name: 'signals_drop',
  text: `WITH latest AS MATERIALIZED (
      SELECT stream.id, (
        SELECT seq FROM signal_events WHERE stream_id = stream.id ORDER BY seq DESC OFFSET $2 LIMIT 1) AS seq
      FROM signal_streams AS stream),
    doomed AS (
      DELETE FROM signal_events AS event USING latest
      WHERE event.stream_id = latest.id AND (event.created_at < $1 OR event.seq <= latest.seq)
      RETURNING event.stream_id),
    counted AS (SELECT stream_id, count(*) AS dropped FROM doomed GROUP BY stream_id)
    UPDATE signal_streams AS stream SET dropped = stream.dropped + counted.dropped
    FROM counted WHERE stream.id = counted.stream_id RETURNING stream.id, counted.dropped`,
};
