import type { Statement } from '../platform/database/database.js';

/** The columns of a user for a sign-in by password. */
export interface CredentialRow extends Record<string, unknown> {
  id: string;
  email: string;
  status: string;
  credentials_version: number;
  email_verified: boolean;
  second_factor: boolean;
  hash: string | null;
  /** Whether the password is temporary; null where there is no password. */
  must_change: boolean | null;
}

/** A user whose password has just been verified. */
export interface VerifiedPassword {
  readonly userId: string;
  readonly email: string;
  /** The version of the credentials that were checked, so that a change of them since is noticed. */
  readonly credentialsVersion: number;
  readonly isEmailVerified: boolean;
  readonly isTemporary: boolean;
  /** Whether a sign-in needs a second factor. */
  readonly hasSecondFactor: boolean;
  readonly at: Date;
}

export const verifiedPassword = (row: CredentialRow, at: Date): VerifiedPassword => ({
  userId: row.id,
  email: row.email,
  credentialsVersion: row.credentials_version,
  isEmailVerified: row.email_verified,
  isTemporary: row.must_change !== false,
  hasSecondFactor: row.second_factor,
  at,
});

const CREDENTIAL_COLUMNS =
  'u.id, u.email, u.status, u.credentials_version, u.email_verified_at IS NOT NULL AS email_verified, u.second_factor, p.hash, p.must_change';

export const BY_EMAIL: Statement = {
  name: 'credential_by_email',
  // The exact spelling comes first: before case folding, two accounts could have addresses that differ only in letter
  // case.
  text: `SELECT ${CREDENTIAL_COLUMNS} FROM users AS u LEFT JOIN passwords AS p ON p.user_id = u.id
     WHERE u.email_canonical = $1 OR coalesce(u.email_folded, u.email_canonical) = $2
     ORDER BY u.email_canonical = $1 DESC LIMIT 1`,
};

export const BY_ID: Statement = {
  name: 'credential_by_id',
  text: `SELECT ${CREDENTIAL_COLUMNS} FROM users AS u LEFT JOIN passwords AS p ON p.user_id = u.id WHERE u.id = $1`,
};

export const UPGRADE: Statement = {
  name: 'password_upgrade',
  text: 'UPDATE passwords SET hash = $3, updated_at = $4 WHERE user_id = $1 AND hash = $2',
};

/**
 * Stores the first password of an active user whose credentials have not changed since the other system was asked. Of
 * two such statements at the same time the first wins. Administrators are excluded: otherwise the other system could
 * decide who administers this one.
 */
export const ADOPT: Statement = {
  name: 'password_adopt',
  text: `INSERT INTO passwords (user_id, hash, updated_at)
     SELECT id, $3, $4 FROM users
     WHERE id = $1 AND credentials_version = $2 AND status = 'active' AND NOT 'admin' = ANY (roles)
     ON CONFLICT (user_id) DO UPDATE SET hash = passwords.hash RETURNING user_id`,
};
