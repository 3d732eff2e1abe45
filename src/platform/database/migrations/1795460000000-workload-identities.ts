import type { MigrationInterface, QueryRunner } from 'typeorm';

export class WorkloadIdentities1795460000000 implements MigrationInterface {
  readonly name = 'WorkloadIdentities1795460000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Who else vouches for a client: an issuer, and the name that it gives the workload.
      CREATE TABLE workload_identities (
        id uuid PRIMARY KEY,
        client_id text NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
        issuer text NOT NULL,
        subject text NOT NULL,
        audience text,
        jwks jsonb,
        jwks_uri text,
        created_at timestamptz NOT NULL,
        CONSTRAINT workload_identities_issuer_subject_key UNIQUE (issuer, subject),
        CHECK ((jwks IS NULL) <> (jwks_uri IS NULL))
      );
      CREATE INDEX workload_identities_client_id ON workload_identities (client_id);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back');
  }
}
