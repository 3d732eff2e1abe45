import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ApiKeys1795470000000 implements MigrationInterface {
  readonly name = 'ApiKeys1795470000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Trades rewrite a row in place: room on the page, and no index on a column that they change.
      CREATE TABLE api_keys (
        -- Never the form of a client's id: both stand as the client of tokens.
        id text PRIMARY KEY CHECK (id ~ '^key_[A-Za-z0-9_-]{16}$'),
        user_id uuid REFERENCES users (id) ON DELETE CASCADE,
        client_id text REFERENCES clients (id) ON DELETE CASCADE,
        name text NOT NULL,
        secret_hash bytea NOT NULL,
        scopes text[] NOT NULL DEFAULT '{}',
        audiences text[] NOT NULL DEFAULT '{}',
        with_roles boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL,
        expires_at timestamptz,
        issued_at timestamptz,
        last_used_at timestamptz,
        last_used_address text,
        CHECK (num_nonnulls(user_id, client_id) = 1),
        CHECK (user_id IS NULL OR expires_at IS NOT NULL),
        CHECK (client_id IS NULL OR NOT with_roles)
      ) WITH (fillfactor = 80);
      CREATE INDEX api_keys_user_id ON api_keys (user_id) WHERE user_id IS NOT NULL;
      CREATE INDEX api_keys_client_id ON api_keys (client_id) WHERE client_id IS NOT NULL;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back');
  }
}
