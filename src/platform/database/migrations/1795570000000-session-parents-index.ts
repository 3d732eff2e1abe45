import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Creates an index while others write, which PostgreSQL does only outside of a transaction. */
export class SessionParentsIndex1795570000000 implements MigrationInterface {
  readonly name = 'SessionParentsIndex1795570000000';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    // An interrupted attempt may have left an invalid index.
    await runner.query('DROP INDEX CONCURRENTLY IF EXISTS sessions_parent_id');
    await runner.query(
      'CREATE INDEX CONCURRENTLY sessions_parent_id ON sessions (parent_id) WHERE parent_id IS NOT NULL',
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back');
  }
}
