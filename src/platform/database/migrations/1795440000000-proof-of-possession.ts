import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ProofOfPossession1795440000000 implements MigrationInterface {
  readonly name = 'ProofOfPossession1795440000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- What others made and we have accepted, by its hash, until it is too old to be accepted again.
      CREATE TABLE single_use_values (
        kind text NOT NULL,
        hash bytea NOT NULL,
        expires_at timestamptz NOT NULL,
        PRIMARY KEY (kind, hash)
      );
      CREATE INDEX single_use_values_expires_at ON single_use_values (expires_at);

      -- The thumbprint of the key that the session's tokens are bound to; null for bearer tokens.
      ALTER TABLE sessions ADD COLUMN dpop_jkt text;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back');
  }
}
