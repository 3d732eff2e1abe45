import type { MigrationInterface, QueryRunner } from 'typeorm';

export class EventSigningKeys1795520000000 implements MigrationInterface {
  readonly name = 'EventSigningKeys1795520000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE signal_streams ADD COLUMN signing_alg text CHECK (signing_alg IN ('RS256'));

      -- Not in signing_keys: the previous version signs access tokens by whatever is active there.
      CREATE TABLE event_signing_keys (
        kid text PRIMARY KEY,
        alg text NOT NULL CHECK (alg IN ('RS256')),
        status text NOT NULL CHECK (status IN ('published', 'active', 'retired')),
        public_key text NOT NULL,
        private_key bytea NOT NULL,
        published_at timestamptz NOT NULL,
        activates_at timestamptz NOT NULL,
        retired_at timestamptz
      );
      CREATE UNIQUE INDEX event_signing_keys_one_active ON event_signing_keys ((true)) WHERE status = 'active';
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back');
  }
}
