import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SingleSignOnClients1796100000000 implements MigrationInterface {
  readonly name = 'SingleSignOnClients1796100000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- The defaults say what a client of the previous version is: a service that nobody signs in to.
      ALTER TABLE clients
        ADD COLUMN type text NOT NULL DEFAULT 'confidential',
        ADD COLUMN application_type text NOT NULL DEFAULT 'web',
        ADD COLUMN first_party boolean NOT NULL DEFAULT false,
        ADD COLUMN require_pkce boolean NOT NULL DEFAULT true,
        ADD COLUMN redirect_uris text[] NOT NULL DEFAULT '{}',
        ADD COLUMN post_logout_redirect_uris text[] NOT NULL DEFAULT '{}',
        ADD COLUMN backchannel_logout_uri text;
      ALTER TABLE clients
        ADD CONSTRAINT clients_type_check CHECK (type IN ('confidential', 'public')),
        ADD CONSTRAINT clients_application_type_check CHECK (application_type IN ('web', 'native'));
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back');
  }
}
