import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Impersonations1795640000000 implements MigrationInterface {
  readonly name = 'Impersonations1795640000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Access tokens of users that others hold, until they have expired: whoever refuses tokens of a user finds them here.
      CREATE TABLE impersonations (
        user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
        impersonator_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
        issued_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX impersonations_user ON impersonations (user_id);
      CREATE INDEX impersonations_impersonator ON impersonations (impersonator_id);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back');
  }
}
