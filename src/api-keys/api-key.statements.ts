import type { Statement } from '../platform/database/database.js';
import type { ApiKeyKind } from './api-key.js';

/**
 * Returns the statement that admits a key and stores the `iat` of its token. The share lock on the owner's row puts
 * this and a concurrent disable, delete or reduction one after the other; writing the key's row does the same for its
 * deletion. `issued_at` is the `iat` of the token: a time before the owner was read, or after the epoch. A transaction
 * that ends the key, or sets the next epoch of its user, finds in the row the latest `iat` of all its tokens, whatever
 * the clocks say. The secret is random and compared by its hash, so that the time of the comparison tells nothing about
 * it.
 */
const exchange = (owner: string): string =>
  `WITH owner AS (${owner})
    UPDATE api_keys AS k SET issued_at = greatest(k.issued_at, owner.issued_at),
      last_used_at = $3, last_used_address = $4
    FROM owner
    WHERE k.id = $1 AND k.secret_hash = $2 AND (k.expires_at IS NULL OR k.expires_at > $3)
    RETURNING owner.*, k.scopes, k.audiences, k.with_roles, k.expires_at`;

export const TRADE: Record<ApiKeyKind, Statement> = {
  pat: {
    name: 'api_key_exchange_pat',
    text: exchange(`
      SELECT u.id::text AS subject, u.email, u.roles, NULL::integer AS token_ttl,
        NULL::text[] AS owner_scopes, NULL::text[] AS owner_audiences,
        greatest($3::timestamptz, to_timestamp(u.token_epoch + 1)) AS issued_at
      FROM api_keys AS own JOIN users AS u ON u.id = own.user_id
      WHERE own.id = $1 AND u.status = 'active' FOR SHARE OF u`),
  },
  key: {
    name: 'api_key_exchange_key',
    text: exchange(`
      SELECT c.id AS subject, NULL AS email, NULL::text[] AS roles, c.token_ttl,
        c.scopes AS owner_scopes, c.audiences AS owner_audiences,
        greatest($3::timestamptz, to_timestamp(c.token_epoch + 1)) AS issued_at
      FROM api_keys AS own JOIN clients AS c ON c.id = own.client_id
      WHERE own.id = $1 AND c.status = 'active' FOR SHARE OF c`),
  },
};

/** The contents of a key's token. */
export interface ExchangedRow extends Record<string, unknown> {
  subject: string;
  email: string | null;
  roles: string[] | null;
  /** Seconds. */
  token_ttl: number | null;
  /** The scopes of the owner; null for a user, who has none. */
  owner_scopes: string[] | null;
  owner_audiences: string[] | null;
  issued_at: Date;
  scopes: string[];
  audiences: string[];
  with_roles: boolean;
  expires_at: Date | null;
}

/** Stores the use of a key, once in a few minutes, however many instances see the key. */
export const NOTE_USE: Statement = {
  name: 'api_key_note_use',
  text: `UPDATE api_keys SET last_used_at = $2, last_used_address = $3
    WHERE id = $1 AND last_used_at <= $2::timestamptz - interval '5 minutes'`,
};
