import { Client } from 'pg';
import { SUPERUSER } from './cluster.js';
import { codeOf, EmbeddedPostgresError, OR_ANOTHER_DATABASE } from './embedded-error.js';
import { LOOPBACK } from './port.js';

// The code is from appendix A of PostgreSQL's documentation.
const INVALID_CATALOG_NAME = '3D000';
const DUPLICATE_DATABASE = '42P04';
const INVALID_AUTHORIZATION = /^28/;

export interface Access {
  readonly port: number;
  readonly password: string;
  readonly database: string;
  readonly role: string;
}

/** Returns the connection URL of the service's role. */
export function serviceUrl({ port, password, database, role }: Access): string {
  return `postgresql://${role}:${password}@${LOOPBACK}:${port}/${encodeURIComponent(database)}`;
}

/**
 * Makes sure that the service can sign in to its database, creating role and database where they are missing.
 * @param isNew whether both are known to be missing
 * @returns the version of the server, e.g. `18.4`
 */
export async function openServiceDatabase(access: Access, isNew: boolean): Promise<string> {
  const version = isNew ? undefined : await serverVersion(access).catch(ignoreMissing);
  if (version !== undefined) return version;
  try {
    await withClient(access, SUPERUSER, 'postgres', async (client) => {
      await createRole(client, access);
      await createDatabase(client, access);
    });
  } catch (cause) {
    if (!isRefusal(cause)) throw cause;
    throw new EmbeddedPostgresError(
      'The embedded database does not accept the password that is stored beside it. Restore the file "password" of ' +
        `the data folder, or choose another data folder, or ${OR_ANOTHER_DATABASE}.`,
      { cause },
    );
  }
  return serverVersion(access);
}

function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) !== INVALID_CATALOG_NAME && !isRefusal(error)) throw error;
}

function isRefusal(error: unknown): boolean {
  return INVALID_AUTHORIZATION.test(codeOf(error) ?? '');
}

function serverVersion(access: Access): Promise<string> {
  return withClient(access, access.role, access.database, async (client) => {
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return rows[0]!.server_version;
  });
}

async function createRole(client: Client, { role, password }: Access): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  const verb = rowCount === 0 ? 'CREATE' : 'ALTER';
  await client.query(
    `${verb} ROLE ${client.escapeIdentifier(role)} LOGIN CREATEDB PASSWORD ${client.escapeLiteral(password)}`,
  );
}

async function createDatabase(client: Client, { database, role }: Access): Promise<void> {
  try {
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)} OWNER ${client.escapeIdentifier(role)}`);
  } catch (error) {
    if (codeOf(error) !== DUPLICATE_DATABASE) throw error;
  }
}

async function withClient<T>(
  { port, password }: Access,
  user: string,
  database: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({ host: LOOPBACK, port, user, password, database, connectionTimeoutMillis: 10_000 });
  // An error between two statements would otherwise end the service.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
