import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AuditForwarding1796000000000 implements MigrationInterface {
  readonly name = 'AuditForwarding1796000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- How far the audit log was forwarded to a receiver, and which worker is at it.
      CREATE TABLE audit_forwarding (
        id text PRIMARY KEY,
        -- The number of the last event that it has accepted.
        position bigint NOT NULL,
        attempts bigint NOT NULL DEFAULT 0,
        leased_until timestamptz,
        next_push_at timestamptz NOT NULL DEFAULT now(),
        failures integer NOT NULL DEFAULT 0,
        failing_since timestamptz
      ) WITH (fillfactor = 50);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back');
  }
}
