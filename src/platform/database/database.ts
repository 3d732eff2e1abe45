import { Injectable } from '@nestjs/common';
import type { QueryResultRow } from 'pg';
import { DataSource } from 'typeorm';
import { poolOf, withoutStatements } from './data-source.js';
import { takeLong } from './limits.js';
import { pauseAfterLostRace } from './lost-race.js';
import { Metrics } from '../telemetry/metrics.js';

/** A statement that PostgreSQL parses and plans once per connection, known by its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/**
 * Runs prepared statements on the pool directly, for the most frequent requests: one round trip, no entities. All other
 * code uses TypeORM's `Repository` and `EntityManager`.
 */
@Injectable()
export class Database {
  private readonly keepsStatements: boolean;

  constructor(
    private readonly dataSource: DataSource,
    metrics: Metrics,
  ) {
    const pool = poolOf(dataSource);
    metrics.gauge('database_connections', 'Connections of the pool.', () => pool.totalCount);
    metrics.gauge('database_connections_idle', 'Connections of the pool that are free.', () => pool.idleCount);
    metrics.gauge('database_waiting', 'Requests that wait for a connection.', () => pool.waitingCount);
    this.keepsStatements = !withoutStatements.has(poolOf(dataSource));
  }

  /** Runs a statement, up to three times where PostgreSQL has rolled it back for a lost race. */
  async execute<Row extends QueryResultRow>({ name, text }: Statement, values: unknown[]): Promise<Row[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        const { rows } = await poolOf(this.dataSource).query<Row>(
          this.keepsStatements ? { name, text, values } : { text, values },
        );
        return rows;
      } catch (error) {
        await pauseAfterLostRace(error, attempt);
      }
    }
  }

  /** Runs a statement over very many rows that no request waits for. It may take a minute. */
  executeLong<Row extends QueryResultRow>({ text }: Statement, values: unknown[]): Promise<Row[]> {
    return this.dataSource.transaction(async (manager) => {
      await takeLong(manager);
      const { records } = await manager.queryRunner!.query(text, values, true);
      return records as Row[];
    });
  }
}
