import type { EmbeddedPostgresOptions } from '#embedded-postgres-service';
import type { Config } from '../config/config.js';

/** Returns the data folder of a service's embedded PostgreSQL, and the names of its database and role. */
export const embeddedOptions = ({ dataDirectory }: Config): EmbeddedPostgresOptions => ({
  dataDirectory,
  database: 'countersign',
  role: 'countersign',
});
