import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PushedRequests1796120000000 implements MigrationInterface {
  readonly name = 'PushedRequests1796120000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Whether the client has to push its authorization requests (RFC 9126 6).
      ALTER TABLE clients ADD COLUMN require_pushed_requests boolean NOT NULL DEFAULT false;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back');
  }
}
