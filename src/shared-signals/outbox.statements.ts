import { SCOPES } from '../common/scopes.js';
import type { Statement } from '../platform/database/database.js';

/** One row for each stream that wants the event and each subject. Where there is no stream, it touches nothing. */
export const APPEND = `WITH appended AS (
    INSERT INTO signal_events (stream_id, type, user_id, session_id, event, txn, created_at)
    SELECT stream.id, $1, subject.user_id, subject.session_id, $4, $5, $6
    FROM signal_streams AS stream, unnest($2::uuid[], $3::uuid[]) AS subject (user_id, session_id)
    WHERE stream.status <> 'disabled' AND $1 = ANY (stream.events_requested)
    RETURNING 1)
  SELECT count(*)::integer AS appended FROM appended`;

export const APPEND_ABOUT_STREAM = `INSERT INTO signal_events (stream_id, type, event, txn, created_at)
  VALUES ($1, $2, $3, $4, $5)`;

// A stream that is not enabled still says that it is not (SSF 1.0 section 8.1.5).
const STREAM_UPDATED = "event.type = 'https://schemas.openid.net/secevent/ssf/event-type/stream-updated'";

// A service account that may read signals no more gets none: they wait, as for a stream that is paused.
const RECEIVER_MAY_READ = `(stream.client_id IS NULL OR EXISTS (SELECT FROM clients
  WHERE id = stream.client_id AND status = 'active' AND scopes && '{${SCOPES.readSignals},${SCOPES.manageSignals}}'))`;

/**
 * Takes one stream that has something to push until $2, so that no other sender is at it; a sender that dies loses it
 * then. One sender a stream keeps the order, and spares a receiver that is down.
 */
export const CLAIM: Statement = {
  name: 'signals_claim',
  text: `UPDATE signal_streams SET next_push_at = $2 WHERE id = (
      SELECT stream.id FROM signal_streams AS stream
      WHERE stream.method = 'push' AND stream.next_push_at <= $1 AND ${RECEIVER_MAY_READ}
        AND (stream.status = 'enabled' AND EXISTS (SELECT FROM signal_events WHERE stream_id = stream.id)
          OR EXISTS (SELECT FROM signal_events AS event WHERE event.stream_id = stream.id AND ${STREAM_UPDATED}))
      ORDER BY stream.next_push_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING id, audience, signing_alg, endpoint_url, authorization_header, failures, next_push_at`,
};

export interface ClaimedRow extends Record<string, unknown> {
  id: string;
  audience: string;
  signing_alg: 'RS256' | null;
  endpoint_url: string;
  authorization_header: Buffer | null;
  failures: number;
  next_push_at: Date;
}

/** Gives a stream back, unless somebody else has taken it since; $4 says whether its receiver is well. */
export const RELEASE: Statement = {
  name: 'signals_release',
  text: `UPDATE signal_streams SET next_push_at = $3, failures = CASE WHEN $4 THEN 0 ELSE failures END,
      failing_since = CASE WHEN $4 THEN NULL ELSE failing_since END
    WHERE id = $1 AND next_push_at = $2`,
};

/** The same after a failure, the $5th in a row. */
export const POSTPONE: Statement = {
  name: 'signals_postpone',
  text: `UPDATE signal_streams
    SET next_push_at = $3, failures = $5, failing_since = CASE WHEN $5 > 1 THEN coalesce(failing_since, $4) ELSE $4 END
    WHERE id = $1 AND next_push_at = $2 RETURNING failing_since`,
};

/** The oldest events that may go. */
export const NEXT: Statement = {
  name: 'signals_next',
  text: `SELECT event.id, event.type, event.user_id, event.session_id, event.event, event.txn, event.created_at
    FROM signal_events AS event JOIN signal_streams AS stream ON stream.id = event.stream_id
    WHERE event.stream_id = $1 AND ${RECEIVER_MAY_READ} AND (stream.status = 'enabled' OR ${STREAM_UPDATED})
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

export const SETTLE: Statement = {
  name: 'signals_settle',
  text: 'DELETE FROM signal_events WHERE stream_id = $1 AND id = ANY ($2::uuid[])',
};

/** Drops what is older than $1 and, of each stream, all but the latest $2. The streams count what they have lost. */
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
