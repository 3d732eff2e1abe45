import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type QueryResultRow } from 'pg';
import { isRunning, until } from './processes.js';

const DEBIAN = '/usr/lib/postgresql';
const OLDEST_SUPPORTED = 15;
const PASSWORD = 'an own postgres';

/** A PostgreSQL as operators bring it: Debian's, the oldest installed one that is supported. */
export class OwnPostgres {
  private databases = 0;

  private constructor(
    private server: ChildProcess,
    private readonly folder: string,
    private readonly port: number,
    readonly major: number,
  ) {}

  static async start(): Promise<OwnPostgres> {
    const major = installedMajor();
    const folder = mkdtempSync(join(tmpdir(), 'countersign-postgres-'));
    const account = unprivilegedAccount();
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, PASSWORD);
    for (const path of [folder, passwordFile]) chownSync(path, account.uid, account.gid);
    const options = ['-D', clusterIn(folder), '-U', 'postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
    const locale = ['-N', '-E', 'UTF8', '--locale=C'];
    const initdb = spawnSync(program(major, 'initdb'), [...options, ...locale], { ...account, cwd: folder });
    if (initdb.status !== 0) throw new Error(`initdb: ${initdb.stderr.toString()}`);
    // Below what the kernel hands to outgoing connections.
    const port = randomInt(21_000, 29_000);
    return new OwnPostgres(await serve(folder, port, major), folder, port, major);
  }

  /** Ends at once, as if it had crashed: what is not in its log is lost. */
  async crash(): Promise<void> {
    this.server.kill('SIGQUIT');
    await until('PostgreSQL ends', () => !isRunning(this.server.pid!));
  }

  async startAgain(): Promise<void> {
    this.server = await serve(this.folder, this.port, this.major);
  }

  /** The URL of a new, empty database. */
  async createDatabase(): Promise<string> {
    const name = `own_${++this.databases}`;
    await query(this.urlOf('postgres'), `CREATE DATABASE ${name}`);
    return this.urlOf(name);
  }

  private urlOf(database: string): string {
    return `postgresql://postgres:${encodeURIComponent(PASSWORD)}@127.0.0.1:${this.port}/${database}`;
  }

  async stop(): Promise<void> {
    this.server.kill('SIGINT');
    await until('PostgreSQL ends', () => !isRunning(this.server.pid!));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Runs a statement on a connection of its own. */
export async function query<Row extends QueryResultRow>(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

const clusterIn = (folder: string): string => join(folder, 'cluster');
const program = (major: number, name: string): string => join(DEBIAN, String(major), 'bin', name);

async function serve(folder: string, port: number, major: number): Promise<ChildProcess> {
  const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: '', fsync: 'off' };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(program(major, 'postgres'), ['-D', clusterIn(folder), ...options], {
    ...unprivilegedAccount(),
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let log = '';
  server.stderr.setEncoding('utf8').on('data', (chunk: string) => (log += chunk));
  await until(`PostgreSQL starts`, () => log.includes('ready to accept connections') || server.exitCode !== null);
  if (server.exitCode !== null) throw new Error(`PostgreSQL ${major} does not start:\n${log}`);
  return server;
}

function installedMajor(): number {
  const majors = existsSync(DEBIAN) ? readdirSync(DEBIAN).map(Number) : [];
  const usable = majors.filter((major) => existsSync(join(DEBIAN, String(major), 'bin/initdb')));
  const oldest = usable.filter((major) => major >= OLDEST_SUPPORTED).toSorted((a, b) => a - b)[0];
  if (oldest === undefined) {
    throw new Error(`These suites need the Debian package postgresql, ${OLDEST_SUPPORTED} or newer.`);
  }
  return oldest;
}

/** PostgreSQL refuses to run as root, and `initdb` wants a user that has a name. */
export function unprivilegedAccount(): { uid: number; gid: number } {
  if (process.getuid!() !== 0) return { uid: process.getuid!(), gid: process.getgid!() };
  const entry = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'));
  if (!entry) throw new Error('The user postgres is missing; the Debian package postgresql creates it.');
  return { uid: Number(entry[1]), gid: Number(entry[2]) };
}
