import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Account, clusterPath } from './account.js';
import type { Binaries } from './binaries.js';
import type { DataFolder } from './data-folder.js';
import { EmbeddedPostgresError, OR_ANOTHER_DATABASE } from './embedded-error.js';
import { LOOPBACK } from './port.js';
import { shutDown } from './shutdown.js';
import { startProgram } from './spawned-program.js';
import { watchOver } from './watchdog.js';

/** The parts that all starts of a server have in common. */
export interface ServerPlan {
  readonly folder: DataFolder;
  readonly binaries: Binaries;
  readonly account: Account | undefined;
  /** Settings of postgresql.conf that differ from the defaults below. */
  readonly settings: Readonly<Record<string, string>>;
  log(line: string): void;
}

/** `occupied`: parts of an earlier server still run; `port`: another process listens there. */
export type StartFailure = 'occupied' | 'port' | 'other';

export class ServerStartError extends EmbeddedPostgresError {
  readonly failure: StartFailure;

  constructor(failure: StartFailure, message: string) {
    super(message);
    this.failure = failure;
  }
}

const DEFAULTS: Readonly<Record<string, string>> = {
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  max_connections: '100',
  shared_buffers: '64MB',
  max_wal_size: '256MB',
  // A small database needs no I/O workers.
  io_method: 'sync',
  max_logical_replication_workers: '0',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '',
  log_checkpoints: 'off',
  // The statements and rows in error messages contain personal data.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

const READY = 'database system is ready to accept connections';
const OCCUPIED = /lock file "postmaster.pid" already exists|pre-existing shared memory block/;
const PORT_TAKEN = /could not bind|could not create any TCP\/IP sockets/;
const LINES_KEPT = 20;

/** One running postmaster. */
export class Server {
  readonly pid: number;
  /** Resolves with its exit code when it ends; null where a signal ended it. */
  readonly exited: Promise<number | null>;
  private readonly child: ChildProcess;
  private readonly plan: ServerPlan;
  private readonly lastLines: string[] = [];

  /** Resolves as soon as the server accepts connections. @throws ServerStartError when it ends before */
  static async start(plan: ServerPlan, port: number): Promise<Server> {
    const { cwd, path } = clusterPath(plan.folder.cluster, plan.account);
    const child = await startProgram(plan.binaries.postgres, ['-D', path, ...parameters(plan, port)], {
      account: plan.account,
      cwd,
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    const server = new Server(child, plan);
    await server.ready();
    return server;
  }

  private constructor(child: ChildProcess, plan: ServerPlan) {
    this.child = child;
    this.plan = plan;
    this.pid = child.pid!;
    const dismissWatchdog = watchOver(this.pid, plan.account);
    this.exited = new Promise((resolve) => {
      child.once('exit', (code) => {
        dismissWatchdog();
        resolve(code);
      });
    });
  }

  /** Ends the server with every session. Committed data stays. */
  async stop(): Promise<void> {
    await shutDown(this.pid, this.plan.binaries, (milliseconds) => this.exitsWithin(milliseconds));
  }

  private async exitsWithin(milliseconds: number): Promise<boolean> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return true;
    const timer = new AbortController();
    const timeout = sleep(milliseconds, false, { signal: timer.signal }).catch(() => false);
    const exited = await Promise.race([this.exited.then(() => true), timeout]);
    timer.abort();
    return exited;
  }

  private async ready(): Promise<void> {
    const lines = createInterface({ input: this.child.stderr! });
    const accepts = new Promise<'ready'>((resolve) => {
      lines.on('line', (line) => {
        this.remember(line);
        if (line.includes(READY)) resolve('ready');
      });
    });
    const outcome = await Promise.race([accepts, this.exited]);
    if (outcome === 'ready') return;
    // The last lines may arrive after the exit; a session that survived its postmaster may keep the pipe open.
    await Promise.race([new Promise((resolve) => lines.once('close', resolve)), sleep(200)]);
    throw this.startFailure(outcome);
  }

  private remember(line: string): void {
    this.lastLines.push(line);
    if (this.lastLines.length > LINES_KEPT) this.lastLines.shift();
    this.plan.log(line);
  }

  private startFailure(code: number | null): ServerStartError {
    const words = this.lastLines.join('\n');
    const end = `${words || `postgres ended with code ${code}`}\nRemove the cause, or ${OR_ANOTHER_DATABASE}.`;
    if (OCCUPIED.test(words)) {
      const message = `The embedded database in ${this.plan.folder.directory} is still in use by an earlier PostgreSQL`;
      return new ServerStartError('occupied', `${message}: ${end}`);
    }
    const message = 'The embedded PostgreSQL does not start';
    return new ServerStartError(PORT_TAKEN.test(words) ? 'port' : 'other', `${message}: ${end}`);
  }
}

function parameters(plan: ServerPlan, port: number): string[] {
  const settings = {
    ...DEFAULTS,
    ...plan.settings,
    // The settings must not change the addresses, or the log lines by which the launcher follows the start.
    listen_addresses: LOOPBACK,
    port: String(port),
    unix_socket_directories: '',
    password_encryption: 'scram-sha-256',
    lc_messages: 'C',
    log_destination: 'stderr',
    logging_collector: 'off',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
