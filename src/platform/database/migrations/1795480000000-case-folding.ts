import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CaseFolding1795480000000 implements MigrationInterface {
  readonly name = 'CaseFolding1795480000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- The address in the form in which addresses are compared. Null in rows that a previous version has written, where
      -- email_canonical has the same text for all ASCII addresses; the start of the service fills in the others.
      ALTER TABLE users ADD COLUMN email_folded text;
      CREATE UNIQUE INDEX users_email_folded_key ON users (coalesce(email_folded, email_canonical));
      CREATE INDEX users_email_folded_search ON users (email_folded text_pattern_ops) WHERE email_folded <> email_canonical;
      CREATE INDEX users_email_unfolded ON users (id)
        WHERE email_folded IS NULL AND octet_length(email) <> char_length(email);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back');
  }
}
