import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Clients1795450000000 implements MigrationInterface {
  readonly name = 'Clients1795450000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE clients (
        -- Never the form of a user's id: both stand as the subject of tokens.
        id text PRIMARY KEY CHECK (id ~ '^svc_[A-Za-z0-9_-]{16}$'),
        name text NOT NULL,
        status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
        grant_types text[] NOT NULL,
        scopes text[] NOT NULL DEFAULT '{}',
        audiences text[] NOT NULL,
        served_audiences text[] NOT NULL DEFAULT '{}',
        token_ttl integer CHECK (token_ttl > 0),
        jwks jsonb,
        jwks_uri text,
        tls_subject_dn text,
        token_epoch bigint,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CHECK (jwks IS NULL OR jwks_uri IS NULL)
      );

      CREATE TABLE client_secrets (
        id uuid PRIMARY KEY,
        client_id text NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
        hash bytea NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz
      );
      CREATE INDEX client_secrets_client_id ON client_secrets (client_id);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back');
  }
}
