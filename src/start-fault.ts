import { EmbeddedPostgresError } from '#embedded-postgres-service';
import { StartFault } from './common/errors.js';
import { ConfigError } from './platform/config/config.js';
import { isConnectionFailure } from './platform/database/data-source.js';

const EMBEDDED_SETTINGS = 'DATA_DIR is the setting of the data folder, DATABASE_URL that of a PostgreSQL of your own.';

/** Explains why the service cannot start and what to do about it: a sentence where we know one, else the stack. */
export function explainStartFault(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof ConfigError) return `${error.message}\nEvery setting is explained in docs/configuration.md.`;
  if (error instanceof EmbeddedPostgresError) return `${error.message}\n${EMBEDDED_SETTINGS}`;
  if (error instanceof StartFault) return error.message;
  const { code, port, address } = error as { code?: string; port?: number; address?: string };
  if (code === 'EADDRINUSE') return `${address}:${port} is in use. Stop what listens there, or set PORT.`;
  if (code === 'EACCES' && port) return `Port ${port} may not be opened by this user. Set PORT to 1024 or more.`;
  if (isConnectionFailure(error)) return `PostgreSQL was lost during the start (${error.message}). Start again.`;
  return error.stack ?? error.message;
}
