import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SecondFactors1795700000000 implements MigrationInterface {
  readonly name = 'SecondFactors1795700000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Whether a sign-in needs a second factor. A constant default rewrites no row.
      ALTER TABLE users ADD COLUMN second_factor boolean NOT NULL DEFAULT false;

      -- Authenticator apps (RFC 6238).
      CREATE TABLE totp_factors (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
        name text NOT NULL,
        -- Sealed with a key derived from SECRET_KEY; the id is the associated data.
        secret bytea NOT NULL,
        -- The latest time step whose code was accepted: an earlier or the same one is refused.
        last_step bigint NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL,
        -- Null until a first code has shown that the app has the secret.
        confirmed_at timestamptz,
        last_used_at timestamptz
      ) WITH (fillfactor = 80);
      CREATE INDEX totp_factors_user ON totp_factors (user_id);

      -- Codes that replace a lost factor, by their hashes. A used one is deleted.
      CREATE TABLE recovery_codes (
        user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
        hash bytea NOT NULL,
        PRIMARY KEY (user_id, hash)
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back');
  }
}
