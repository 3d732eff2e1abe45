import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Foundation1795400000000 implements MigrationInterface {
  readonly name = 'Foundation1795400000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE users (
        id uuid PRIMARY KEY,
        email text NOT NULL,
        email_canonical text NOT NULL,
        display_name text,
        status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
        roles text[] NOT NULL DEFAULT '{user}',
        email_verified_at timestamptz,
        credentials_version integer NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL
      );
      CREATE UNIQUE INDEX users_email_canonical_key ON users (email_canonical);
      CREATE INDEX users_email_search ON users (email_canonical text_pattern_ops);
      CREATE INDEX users_shown_email_search ON users (lower(email) text_pattern_ops);
      CREATE INDEX users_display_name_search ON users (lower(display_name) text_pattern_ops);
      CREATE INDEX users_admins ON users (id) WHERE 'admin' = ANY (roles);

      CREATE TABLE passwords (
        user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
        hash text NOT NULL,
        updated_at timestamptz NOT NULL
      );

      -- Rotation rewrites a session's row in place: room on the page, and no index on a column that rotation changes.
      CREATE TABLE sessions (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        secret_hash bytea NOT NULL,
        generation integer NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL,
        rotated_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        user_agent text,
        address text
      ) WITH (fillfactor = 80);
      CREATE INDEX sessions_user_id ON sessions (user_id);
      CREATE INDEX sessions_expires_at ON sessions (expires_at);

      CREATE TABLE signing_keys (
        kid text PRIMARY KEY,
        alg text NOT NULL CHECK (alg IN ('ES256', 'RS256')),
        status text NOT NULL CHECK (status IN ('published', 'active', 'retired')),
        public_key text NOT NULL,
        private_key bytea NOT NULL,
        published_at timestamptz NOT NULL,
        activates_at timestamptz NOT NULL,
        retired_at timestamptz
      );
      CREATE UNIQUE INDEX signing_keys_one_active ON signing_keys ((true)) WHERE status = 'active';

      CREATE TABLE revocations (
        seq bigint PRIMARY KEY,
        session_id uuid NOT NULL,
        revoked_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX revocations_expires_at ON revocations (expires_at);
      -- One row: taking the next numbers locks it until the commit, so that numbers commit in their order, without gaps.
      CREATE TABLE revocation_head (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        seq bigint NOT NULL
      );
      INSERT INTO revocation_head (seq) VALUES (0);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back');
  }
}
