import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Invitations1795800000000 implements MigrationInterface {
  readonly name = 'Invitations1795800000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Open invitations. Accepting or deleting one deletes its row.
      CREATE TABLE invitations (
        id uuid PRIMARY KEY,
        email text NOT NULL,
        email_folded text NOT NULL CONSTRAINT invitations_email_folded_key UNIQUE,
        -- An account without a password that the person is invited to; null where accepting creates one.
        user_id uuid REFERENCES users ON DELETE CASCADE,
        roles text[] NOT NULL,
        locale text,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX invitations_user ON invitations (user_id);
      CREATE INDEX invitations_expired ON invitations (expires_at);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back');
  }
}
