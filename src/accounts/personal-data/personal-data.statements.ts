/** A table with data of people, and the part of it that a person is given. */
export interface Section {
  /** The name of the section in the export. */
  readonly name: string;
  readonly table: string;
  /** The column with the id of the user. */
  readonly owner: string;
  readonly columns: readonly string[];
  /** Columns that are not exported: secrets and their hashes, and counters of the service. */
  readonly withheld: readonly string[];
}

/** Every table with a reference to a user. A test compares the list with the schema, column by column. */
export const SECTIONS: readonly Section[] = [
  {
    name: 'account',
    table: 'users',
    owner: 'id',
    columns: [
      'id',
      'email',
      'display_name',
      'locale',
      'status',
      'roles',
      'email_verified_at',
      'second_factor',
      'created_at',
      'updated_at',
    ],
    withheld: ['email_canonical', 'email_folded', 'credentials_version', 'token_epoch'],
  },
  {
    name: 'password',
    table: 'passwords',
    owner: 'user_id',
    columns: ['updated_at', 'must_change'],
    withheld: ['user_id', 'hash'],
  },
  {
    name: 'sessions',
    table: 'sessions',
    owner: 'user_id',
    columns: [
      'id',
      'parent_id',
      'client_id',
      'scopes',
      'audiences',
      'auth_time',
      'amr',
      'acr',
      'created_at',
      'rotated_at',
      'expires_at',
      'user_agent',
      'address',
    ],
    withheld: [
      'user_id',
      'secret_hash',
      'generation',
      'replaced_generation',
      'replaced_at',
      'status_index',
      'dpop_jkt',
    ],
  },
  {
    name: 'personal_access_tokens',
    table: 'api_keys',
    owner: 'user_id',
    columns: [
      'id',
      'name',
      'scopes',
      'audiences',
      'with_roles',
      'created_at',
      'expires_at',
      'last_used_at',
      'last_used_address',
    ],
    withheld: ['user_id', 'client_id', 'secret_hash', 'issued_at'],
  },
  {
    name: 'authenticator_apps',
    table: 'totp_factors',
    owner: 'user_id',
    columns: ['id', 'name', 'created_at', 'confirmed_at', 'last_used_at'],
    withheld: ['user_id', 'secret', 'last_step'],
  },
  {
    name: 'consents',
    table: 'consents',
    owner: 'user_id',
    columns: ['client_id', 'scopes', 'audiences', 'granted_at'],
    withheld: ['user_id'],
  },
  {
    name: 'impersonations',
    table: 'impersonations',
    owner: 'user_id',
    columns: ['issued_at', 'expires_at'],
    withheld: ['user_id', 'impersonator_id'],
  },
  {
    name: 'invitations',
    table: 'invitations',
    owner: 'user_id',
    columns: ['email', 'roles', 'locale', 'created_at', 'expires_at'],
    withheld: ['id', 'email_folded', 'user_id'],
  },
];

// All names are constants of this file.
const rowsOf = ({ name, table, owner, columns }: Section): string =>
  `'${name}', (SELECT coalesce(jsonb_agg(to_jsonb(r)), '[]') FROM (SELECT ${columns.join(', ')} FROM ${table} WHERE ${owner} = $1::uuid) AS r)`;

/**
 * Returns what is held on a user, by section. One statement reads one state of the database. Of mailed links and codes it
 * returns no ids, because the links are derived from them.
 */
export const PERSONAL_DATA = `SELECT jsonb_build_object(
  ${SECTIONS.map(rowsOf).join(',\n  ')},
  'recovery_codes', (SELECT count(*) FROM recovery_codes WHERE user_id = $1::uuid),
  'mailed_links', (SELECT coalesce(jsonb_agg(to_jsonb(r)), '[]') FROM (
    SELECT purpose, data ->> 'email' AS email, created_at, expires_at, used_at
    FROM one_time_values WHERE subject = ($1::uuid)::text) AS r)
) AS held FROM users WHERE id = $1::uuid`;
