import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Consents1796110000000 implements MigrationInterface {
  readonly name = 'Consents1796110000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- To which applications of others people have given access.
      CREATE TABLE consents (
        user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        client_id text NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
        scopes text[] NOT NULL,
        audiences text[] NOT NULL,
        granted_at timestamptz NOT NULL,
        PRIMARY KEY (user_id, client_id)
      );
      CREATE INDEX consents_client_id ON consents (client_id);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back');
  }
}
