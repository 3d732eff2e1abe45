import { Injectable } from '@nestjs/common';
import type { QueryResultRow } from 'pg';
import { DataSource } from 'typeorm';
import { poolOf, withoutStatements } from './data-source.js';
import { takeLong } from './limits.js';
import { pauseAfterLostRace } from './lost-race.js';

/** A statement that PostgreSQL parses and plans once per connection, known by its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/**
 * The hottest paths speak to the pool directly with prepared statements: one round trip, no entity machinery.
 * Everything else uses TypeORM's `Repository` and `EntityManager`.
 */
@Injectable()
export class Database {
  private readonly keepsStatements: boolean;

  constructor(private readonly dataSource: DataSource) {
    this.keepsStatements = !withoutStatements.has(poolOf(dataSource));
  }

  /** Again, up to three times, where PostgreSQL has undone it for a lost race. */
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

  /** For chores over very many rows, which nobody waits for: the statement may take a minute. */
  executeLong<Row extends QueryResultRow>({ text }: Statement, values: unknown[]): Promise<Row[]> {
    return this.dataSource.transaction(async (manager) => {
      await takeLong(manager);
      const { records } = await manager.queryRunner!.query(text, values, true);
      return records as Row[];
    });
  }
}
