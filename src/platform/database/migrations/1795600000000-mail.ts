import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Mail1795600000000 implements MigrationInterface {
  readonly name = 'Mail1795600000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- The language that a person is written to in; null where they have chosen none.
      ALTER TABLE users ADD COLUMN locale text;

      -- Addresses that a server says take no mail, as a keyed hash of their canonical form.
      CREATE TABLE mail_refusals (
        address_hash bytea PRIMARY KEY,
        refused_at timestamptz NOT NULL DEFAULT now(),
        -- Reply codes of RFC 5321 and RFC 3463.
        reason text NOT NULL
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back');
  }
}
