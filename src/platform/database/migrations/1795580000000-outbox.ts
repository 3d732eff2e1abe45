import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Outbox1795580000000 implements MigrationInterface {
  readonly name = 'Outbox1795580000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Which worker serves a receiver, apart from when it may be served: the number of the lease, and its end.
      ALTER TABLE signal_streams
        ADD COLUMN attempts bigint NOT NULL DEFAULT 0,
        ADD COLUMN leased_until timestamptz;
      CREATE INDEX signal_streams_due ON signal_streams (next_push_at) WHERE method = 'push';

      -- Messages to the outside, each delivered by itself. No payload holds a secret.
      CREATE TABLE outbox_messages (
        id uuid PRIMARY KEY,
        kind text NOT NULL,
        payload jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        -- No attempt begins before then.
        due_at timestamptz NOT NULL,
        -- Worthless from then on.
        expires_at timestamptz NOT NULL,
        attempts integer NOT NULL DEFAULT 0,
        -- Until then the latest attempt is under way.
        leased_until timestamptz,
        last_error text,
        -- Given up since then.
        dead_at timestamptz
      ) WITH (fillfactor = 80);
      CREATE INDEX outbox_messages_due ON outbox_messages (kind, due_at) WHERE dead_at IS NULL;
      CREATE INDEX outbox_messages_expired ON outbox_messages (expires_at) WHERE dead_at IS NULL;
      CREATE INDEX outbox_messages_dead ON outbox_messages (dead_at) WHERE dead_at IS NOT NULL;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back');
  }
}
