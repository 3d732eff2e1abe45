import { Injectable } from '@nestjs/common';
import type { QueryResultRow } from 'pg';
import { DataSource } from 'typeorm';
import { poolOf } from './data-source.js';

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
  constructor(private readonly dataSource: DataSource) {}

  async execute<Row extends QueryResultRow>(statement: Statement, values: unknown[]): Promise<Row[]> {
    const { rows } = await poolOf(this.dataSource).query<Row>({ name: statement.name, text: statement.text, values });
    return rows;
  }
}
