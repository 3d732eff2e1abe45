import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RevocationFeed1795420000000 implements MigrationInterface {
  readonly name = 'RevocationFeed1795420000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Numbered together with revocations: one log in two tables, because a session is what is revoked most.
      CREATE TABLE revocation_epochs (
        seq bigint PRIMARY KEY,
        kind text NOT NULL CHECK (kind IN ('user', 'client', 'key', 'all')),
        subject text NOT NULL,
        not_before bigint NOT NULL,
        expires_at timestamptz NOT NULL,
        status_indexes integer[] NOT NULL DEFAULT '{}'
      );
      CREATE INDEX revocation_epochs_expires_at ON revocation_epochs (expires_at);

      -- Which instances are running, and how far each has read the log. Nothing here survives a crash, or needs to.
      CREATE UNLOGGED TABLE revocation_readers (
        id uuid PRIMARY KEY,
        applied bigint NOT NULL,
        seen_at timestamptz NOT NULL
      );

      ALTER TABLE users ADD COLUMN token_epoch bigint;

      CREATE SEQUENCE session_status_index AS integer MINVALUE 0 CYCLE;
      ALTER TABLE sessions ADD COLUMN status_index integer;
      ALTER TABLE sessions ALTER COLUMN status_index SET DEFAULT nextval('session_status_index');
      ALTER TABLE revocations ADD COLUMN status_index integer;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back');
  }
}
