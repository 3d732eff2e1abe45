import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SignalReceivers1795510000000 implements MigrationInterface {
  readonly name = 'SignalReceivers1795510000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- No foreign key: its check would undo a revocation that is told to a stream whose account is deleted meanwhile.
      ALTER TABLE signal_streams ADD COLUMN client_id text;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back');
  }
}
