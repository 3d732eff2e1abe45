import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SharedSignals1795430000000 implements MigrationInterface {
  readonly name = 'SharedSignals1795430000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE signal_streams (
        id uuid PRIMARY KEY,
        audience text NOT NULL,
        method text NOT NULL CHECK (method IN ('push', 'poll')),
        endpoint_url text,
        authorization_header bytea,
        poll_secret_hash bytea,
        events_requested text[] NOT NULL,
        description text,
        status text NOT NULL DEFAULT 'enabled' CHECK (status IN ('enabled', 'paused', 'disabled')),
        reason text,
        -- Nobody pushes before then: somebody is at it, or its receiver has refused.
        next_push_at timestamptz NOT NULL,
        failures integer NOT NULL DEFAULT 0,
        failing_since timestamptz,
        dropped bigint NOT NULL DEFAULT 0,
        verification_requested_at timestamptz,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CHECK ((method = 'push') = (endpoint_url IS NOT NULL)),
        CHECK ((method = 'poll') = (poll_secret_hash IS NOT NULL))
      ) WITH (fillfactor = 80);

      -- The outbox: what has happened, for each stream that is to hear of it and has not yet.
      CREATE TABLE signal_events (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        stream_id uuid NOT NULL REFERENCES signal_streams (id) ON DELETE CASCADE,
        seq bigint GENERATED ALWAYS AS IDENTITY,
        type text NOT NULL,
        user_id uuid,
        session_id uuid,
        event jsonb NOT NULL,
        txn text NOT NULL,
        created_at timestamptz NOT NULL
      );
      CREATE INDEX signal_events_stream ON signal_events (stream_id, seq);
      CREATE INDEX signal_events_about_stream ON signal_events (stream_id)
        WHERE type = 'https://schemas.openid.net/secevent/ssf/event-type/stream-updated';
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back');
  }
}
