import type { Statement } from '../database/database.js';

export const ISSUE = `INSERT INTO one_time_values (id, purpose, subject, holder, data, created_at, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7)`;

export interface ValueRow extends Record<string, unknown> {
  id: string;
  subject: string;
  holder: Buffer | null;
  data: object;
  created_at: Date;
  expires_at: Date;
  used_at: Date | null;
}

const COLUMNS = 'id, subject, holder, data, created_at, expires_at, used_at';

export const FIND: Statement = {
  name: 'one_time_find',
  text: `SELECT ${COLUMNS} FROM one_time_values WHERE id = $1 AND purpose = $2`,
};

/** The newest values that can be used, at most $4. */
export const FIND_NEWEST: Statement = {
  name: 'one_time_find_newest',
  text: `SELECT ${COLUMNS} FROM one_time_values
    WHERE purpose = $1 AND subject = $2 AND used_at IS NULL AND expires_at > $3
    ORDER BY created_at DESC, id DESC LIMIT $4`,
};

/** Uses a value up. Of concurrent statements only one updates the row. */
export const CONSUME = `UPDATE one_time_values SET used_at = $3
  WHERE id = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3`;

/**
 * Returns a part of a statement (`WITH used AS (…)`) that uses a value up like {@link CONSUME}, for each row of another part,
 * and adds a note to its data. So the effect of using it costs no further round trip.
 */
export const using = (
  { id, purpose, now, note }: Record<'id' | 'purpose' | 'now' | 'note', string>,
  locked: string,
): string => `UPDATE one_time_values AS v SET used_at = ${now}, data = v.data || ${note}
      FROM ${locked} WHERE v.id = ${id} AND v.purpose = ${purpose} AND v.used_at IS NULL AND v.expires_at > ${now}
      RETURNING v.id`;

/** The note of a value that has been used. */
export const FIND_NOTE: Statement = {
  name: 'one_time_find_note',
  text: `SELECT data FROM one_time_values WHERE id = $1 AND purpose = $2 AND used_at IS NOT NULL`,
};

export const DISCARD = `UPDATE one_time_values SET used_at = $3
  WHERE purpose = ANY ($1) AND subject = $2 AND used_at IS NULL AND created_at > coalesce($4::timestamptz, '-infinity')`;

/** Counts a guess before its code is compared; touches nothing where $3 guesses were counted since $5. */
export const COUNT_GUESS: Statement = {
  name: 'one_time_count_guess',
  text: `INSERT INTO one_time_guesses AS counted (purpose, subject, guesses, began_at, expires_at)
    VALUES ($1, $2, 1, $4, $6)
    ON CONFLICT (purpose, subject) DO UPDATE SET
      guesses = CASE WHEN counted.began_at <= $5 THEN 1 ELSE counted.guesses + 1 END,
      began_at = CASE WHEN counted.began_at <= $5 THEN $4 ELSE counted.began_at END,
      expires_at = CASE WHEN counted.began_at <= $5 THEN $6 ELSE counted.expires_at END
    WHERE counted.began_at <= $5 OR counted.guesses < $3
    RETURNING true AS counted`,
};

/** Takes back a guess that was right. */
export const FORGET_GUESS: Statement = {
  name: 'one_time_forget_guess',
  text: `UPDATE one_time_guesses SET guesses = guesses - 1 WHERE purpose = $1 AND subject = $2 AND guesses > 0`,
};

const purge = (table: string, key: string, portion: number): Statement => ({
  name: `${table}_purge`,
  text: `DELETE FROM ${table} WHERE (${key}) IN (
    SELECT ${key} FROM ${table} WHERE expires_at <= $1 LIMIT ${portion} FOR UPDATE SKIP LOCKED)
    RETURNING true AS purged`,
});

export const PORTION = 5_000;
export const PURGES = [
  purge('one_time_values', 'id', PORTION),
  purge('one_time_guesses', 'purpose, subject', PORTION),
] as const;
