import type { MigrationInterface, QueryRunner } from 'typeorm';

export class TemporaryPasswords1795530000000 implements MigrationInterface {
  readonly name = 'TemporaryPasswords1795530000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE passwords ADD COLUMN must_change boolean NOT NULL DEFAULT false');
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back');
  }
}
