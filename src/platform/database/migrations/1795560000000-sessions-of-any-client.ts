import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SessionsOfAnyClient1795560000000 implements MigrationInterface {
  readonly name = 'SessionsOfAnyClient1795560000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Without a client a session is of the first-party client, and without audiences its tokens are for JWT_AUDIENCE.
      -- The defaults say what a row of the previous version is, which signs in by password alone, when it opens a session.
      -- No foreign key of parent_id: its check would run for every session that ends.
      ALTER TABLE sessions
        ADD COLUMN client_id text,
        ADD COLUMN parent_id uuid,
        ADD COLUMN scopes text[] NOT NULL DEFAULT '{}',
        ADD COLUMN audiences text[],
        ADD COLUMN auth_time timestamptz,
        ADD COLUMN amr text[] NOT NULL DEFAULT '{pwd}',
        ADD COLUMN acr text NOT NULL DEFAULT 'aal1';
      -- Not validated: the rows that are there have the default, and a look at all of them would hold the lock.
      ALTER TABLE sessions ADD CONSTRAINT sessions_acr_check CHECK (acr IN ('aal1', 'aal2')) NOT VALID;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back');
  }
}
