import { readPassword } from './cluster.js';
import { dataFolderAt } from './data-folder.js';
import type { EmbeddedPostgresOptions } from './embedded-postgres.js';
import { readPidFile } from './orphan.js';
import { processState } from './process-table.js';
import { serviceUrl } from './service-database.js';

/** Returns the connection URL of the PostgreSQL that another process runs on this data folder; null where none runs. */
export function runningPostgresUrl({ dataDirectory, database, role }: EmbeddedPostgresOptions): string | null {
  const folder = dataFolderAt(dataDirectory);
  const [pid, , , port] = (readPidFile(folder) ?? []).map(Number);
  if (!(pid! > 0) || !(port! > 0) || processState(pid!) !== 'running') return null;
  return serviceUrl({ port: port!, password: readPassword(folder), database, role });
}
