import type { Statement } from '../platform/database/database.js';

/**
 * Reads the latest second whose tokens are refused, of the user or of the actor; no row where the actor has lost the
 * role since the guard admitted the request. The share lock puts this and such a loss one after the other.
 */
export const EPOCHS = `WITH actor AS (
    SELECT token_epoch FROM users WHERE id = $2 AND status = 'active' AND 'impersonator' = ANY (roles) FOR SHARE)
  SELECT greatest(u.token_epoch, actor.token_epoch, 0)::float8 AS epoch FROM users AS u, actor WHERE u.id = $1`;

export const RECORD =
  'INSERT INTO impersonations (user_id, impersonator_id, issued_at, expires_at) VALUES ($1, $2, $3, $4)';

export const LATEST = `SELECT floor(extract(epoch FROM max(issued_at)))::float8 AS latest FROM impersonations
  WHERE user_id = $1 OR impersonator_id = $1`;

export const PURGE: Statement = {
  name: 'impersonations_purge',
  text: 'DELETE FROM impersonations WHERE expires_at <= $1',
};
