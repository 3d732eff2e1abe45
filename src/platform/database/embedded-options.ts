import type { EmbeddedPostgresOptions } from '#embedded-postgres-service';
import type { Config } from '../config/config.js';

/** Where the embedded PostgreSQL of a service keeps its data, and what its database and role are called. */
export const embeddedOptions = ({ dataDirectory }: Config): EmbeddedPostgresOptions => ({
  dataDirectory,
  database: 'countersign',
  role: 'countersign',
});
