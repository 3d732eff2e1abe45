import type { MigrationInterface, QueryRunner } from 'typeorm';

export class OneTimeValues1795590000000 implements MigrationInterface {
  readonly name = 'OneTimeValues1795590000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Links, codes and tickets. What is shown for one is derived from its id with SECRET_KEY: no column is a secret.
      CREATE TABLE one_time_values (
        id uuid PRIMARY KEY,
        purpose text NOT NULL,
        subject text NOT NULL,
        -- The hash of what the holder shows besides.
        holder bytea,
        data jsonb NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        used_at timestamptz
      );
      CREATE INDEX one_time_values_live ON one_time_values (subject, purpose, created_at DESC) WHERE used_at IS NULL;
      CREATE INDEX one_time_values_expired ON one_time_values (expires_at);

      -- Wrong codes, counted over all values of a subject.
      CREATE TABLE one_time_guesses (
        purpose text NOT NULL,
        subject text NOT NULL,
        guesses integer NOT NULL,
        began_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        PRIMARY KEY (purpose, subject)
      ) WITH (fillfactor = 80);
      CREATE INDEX one_time_guesses_expired ON one_time_guesses (expires_at);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back');
  }
}
