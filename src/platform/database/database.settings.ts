import { choice, integer, postgresUrl } from '../config/setting.js';
import { section } from '../config/settings.js';

export const DATABASE_SETTINGS = section(
  {
    databaseUrl: postgresUrl('DATABASE_URL', {
      doc: 'PostgreSQL 15 or newer. Unset: an embedded PostgreSQL in `DATA_DIR`.',
    }),
    databaseDirectUrl: postgresUrl('DATABASE_DIRECT_URL', {
      doc: 'The way past a pooler that lends connections by the transaction, for migrations, locks and LISTEN. Unset: `DATABASE_URL` leads to PostgreSQL itself.',
    }),
    embeddedDatabase: choice('EMBEDDED_DATABASE', ['development', 'always'], {
      fallback: 'development',
      doc: '`always` allows the embedded database in production.',
    }),
    databasePoolSize: integer(
      'DATABASE_POOL_SIZE',
      { min: 2, max: 200 },
      { fallback: '16', doc: 'Connections to the database at most.' },
    ),
  },
  {
    contradictions: ({ databaseUrl, databaseDirectUrl }) =>
      databaseDirectUrl && databaseUrl === null
        ? ['DATABASE_URL is required with DATABASE_DIRECT_URL: set it to the URL of the pooler, or remove both']
        : [],
    inProduction: ({ databaseUrl, embeddedDatabase }) =>
      databaseUrl === null && embeddedDatabase !== 'always'
        ? ['DATABASE_URL is required in production (or EMBEDDED_DATABASE=always)']
        : [],
  },
);
