import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { testEnvironment } from '../../support/environment.js';
import { HttpClient } from '../../support/http-client.js';
import { isRunning, until } from './processes.js';

export const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
export const PASSWORD = 'correct horse battery staple';

const LISTENING = /listening on (http:\/\/[^)\s]+)\)/;

/** An environment variable that is undefined is not set at all. */
export type Variables = Record<string, string | undefined>;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The service as `npm run build` made it, as a process of its own, which a test may kill. */
export class Service {
  private readonly child: ChildProcess;
  private text = '';
  private ended: Exit | null = null;

  constructor(
    readonly folder: string,
    variables: Variables = {},
  ) {
    const environment = { PATH: process.env.PATH, DATA_DIR: join(folder, 'data'), ...variables };
    this.child = spawn(process.execPath, [join(REPOSITORY, 'dist/main.js')], {
      // Away from the repository's own .env.
      cwd: folder,
      env: Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined)),
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, so that Ctrl-C of the test run is not taken for a test.
      detached: true,
    });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => (this.text += chunk));
    }
    this.child.once('close', (code, signal) => (this.ended = { code, signal }));
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Everything that it has written to its terminal. */
  get output(): string {
    return this.text;
  }

  get hasEnded(): boolean {
    return this.ended !== null;
  }

  /** Waits until it listens. Throws with its output where it ends before. */
  async ready(): Promise<this> {
    await until(`the service listens:\n${this.text}`, () => this.hasEnded || LISTENING.test(this.text));
    if (this.hasEnded) throw new Error(`The service ended before it listened:\n${this.text}`);
    return this;
  }

  /** Where it listens, once it is ready. */
  get url(): string {
    return LISTENING.exec(this.text)![1]!;
  }

  get http(): HttpClient {
    return new HttpClient(this.url);
  }

  /** The postmaster of the embedded database; 0 where there is none. */
  get postmaster(): number {
    const file = join(this.folder, 'data/postgres/cluster/postmaster.pid');
    try {
      return Number.parseInt(readFileSync(file, 'utf8'), 10) || 0;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return 0;
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async exit(): Promise<Exit> {
    await until('the service ends', () => this.hasEnded);
    return this.ended!;
  }

  /** kill -9. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exit();
  }

  stop(): Promise<Exit> {
    this.signal('SIGTERM');
    return this.exit();
  }
}

/** Every service and folder that a test has made, so that it leaves nothing behind. */
export class Scene {
  private readonly services: Service[] = [];
  private readonly folders: string[] = [];

  folder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-system-'));
    this.folders.push(folder);
    return folder;
  }

  /** A service that has just been spawned: cheap hashes, quiet, on a free port, and what the variables say. */
  spawn(variables: Variables = {}, folder = this.folder()): Service {
    const { DATA_DIR: _ours, ...environment } = testEnvironment(variables);
    const service = new Service(folder, environment);
    this.services.push(service);
    return service;
  }

  /** A service that listens. */
  start(variables: Variables = {}, folder = this.folder()): Promise<Service> {
    return this.spawn(variables, folder).ready();
  }

  async clear(): Promise<void> {
    const services = this.services.splice(0);
    const postmasters = new Set(services.map(({ postmaster }) => postmaster));
    for (const service of services) if (!service.hasEnded) await service.kill();
    for (const pid of postmasters) await until('the embedded database ends with its service', () => !isRunning(pid));
    for (const folder of this.folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  }
}
