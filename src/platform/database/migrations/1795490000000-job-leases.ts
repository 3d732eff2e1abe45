import type { MigrationInterface, QueryRunner } from 'typeorm';

export class JobLeases1795490000000 implements MigrationInterface {
  readonly name = 'JobLeases1795490000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Which work one instance does for all, and until when no other one begins it.
      CREATE TABLE job_leases (
        name text PRIMARY KEY,
        leased_until timestamptz NOT NULL
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back');
  }
}
