import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The columns of an event, which both tables have in this order. */
const EVENT = `
  id uuid NOT NULL,
  at timestamptz NOT NULL,
  event text NOT NULL,
  outcome text NOT NULL,
  reason text,
  actor text,
  subject text,
  client text,
  address inet,
  request_id text,
  details jsonb NOT NULL`;

export class Audit1795610000000 implements MigrationInterface {
  readonly name = 'Audit1795610000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Security events as their transactions write them, until they are sealed.
      CREATE TABLE audit_inbox (${EVENT}, PRIMARY KEY (id))
        WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

      -- Sealed events: numbered without gaps, each with a hash over itself and the one before. A partition has the events
      -- that were sealed on one day, so that it is a part of the chain without gaps, and retention drops it whole.
      CREATE TABLE audit_events (${EVENT},
        seq bigint NOT NULL,
        hash bytea NOT NULL,
        sealed_at timestamptz NOT NULL
      ) PARTITION BY RANGE (sealed_at);
      CREATE INDEX audit_events_id ON audit_events (id);
      CREATE INDEX audit_events_seq ON audit_events (seq);
      CREATE INDEX audit_events_subject ON audit_events (subject, id);
      CREATE INDEX audit_events_actor ON audit_events (actor, id);
      CREATE INDEX audit_events_event ON audit_events (event, id);

      -- How far the chain went at a time, signed. The last one is its end.
      CREATE TABLE audit_checkpoints (
        seq bigint PRIMARY KEY,
        hash bytea NOT NULL,
        sealed_at timestamptz NOT NULL,
        jws text NOT NULL,
        -- Of the service's secret over the JWS, since signing keys are forgotten one day.
        mac bytea NOT NULL
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back');
  }
}
