import type { Statement } from '../platform/database/database.js';

/**
 * A session opens only for a user who is active and whose credentials are those that were checked. The share lock on
 * the user's row makes this and a concurrent disable, delete or password change come one after the other.
 */
export const OPEN: Statement = {
  name: 'session_open',
  text: `INSERT INTO sessions (id, user_id, secret_hash, created_at, rotated_at, expires_at, user_agent, address)
    SELECT $1, id, $3, $4, $4, $5, $6, $7 FROM users
    WHERE id = $2 AND status = 'active' AND credentials_version = $8 FOR SHARE
    RETURNING id`,
};

/** The one conditional update that rotates: whoever touches the row has won, everybody else has not. */
export const ROTATE: Statement = {
  name: 'session_rotate',
  text: `UPDATE sessions AS s SET generation = s.generation + 1, rotated_at = $4, address = $6
    FROM users AS u
    WHERE s.id = $1 AND s.generation = $2 AND s.secret_hash = $3 AND s.expires_at > $4 AND s.rotated_at > $5
      AND u.id = s.user_id AND u.status = 'active'
    RETURNING s.user_id, s.expires_at, u.email, u.roles`,
};

/** What became of a session whose rotation touched no row. */
export const INSPECT: Statement = {
  name: 'session_inspect',
  text: `SELECT s.user_id, s.generation, s.rotated_at, s.expires_at, u.email, u.roles, u.status
    FROM sessions AS s JOIN users AS u ON u.id = s.user_id WHERE s.id = $1 AND s.secret_hash = $2`,
};

export interface RotatedRow extends Record<string, unknown> {
  user_id: string;
  expires_at: Date;
  email: string;
  roles: string[];
}

export interface InspectedRow extends RotatedRow {
  generation: number;
  rotated_at: Date;
  status: string;
}

export const LIST: Statement = {
  name: 'session_list',
  text: `SELECT id, created_at, rotated_at, expires_at, user_agent, address FROM sessions
    WHERE user_id = $1 AND expires_at > $2 AND rotated_at > $3 ORDER BY rotated_at DESC LIMIT 200`,
};

export interface SessionRow extends Record<string, unknown> {
  id: string;
  created_at: Date;
  rotated_at: Date;
  expires_at: Date;
  user_agent: string | null;
  address: string | null;
}

/** In portions, so that a large backlog never holds many locks. */
export const PURGE: Statement = {
  name: 'session_purge',
  text: `DELETE FROM sessions WHERE id IN (
    SELECT id FROM sessions WHERE expires_at <= $1 OR rotated_at <= $2 LIMIT 5000 FOR UPDATE SKIP LOCKED)`,
};
