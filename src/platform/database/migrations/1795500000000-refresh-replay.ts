import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RefreshReplay1795500000000 implements MigrationInterface {
  readonly name = 'RefreshReplay1795500000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Both, so that a rotation by the previous version, which knows neither, is told apart.
      ALTER TABLE sessions ADD COLUMN replaced_generation integer, ADD COLUMN replaced_at timestamptz;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back');
  }
}
