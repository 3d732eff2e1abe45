import { spawn, type ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../../src/platform/config/config.js';
import { testEnvironment } from '../support/environment.js';
import { HttpClient } from '../support/http-client.js';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const FROM_SOURCES = new URL('../support/from-sources.mjs', import.meta.url).href;
const PATIENT = new URL('../support/patient-process.ts', import.meta.url).href;

/** The service as operators run it: a process of its own, which hears signals. */
export class ServiceProcess {
  output = '';
  /** The exit code, once it has ended. */
  readonly ended: Promise<number | null>;

  private constructor(
    private readonly child: ChildProcess,
    ready: (url: string) => void,
    fail: (error: Error) => void,
  ) {
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        const url = /listening on (http:\/\/[\d.:]+)/.exec(this.output)?.[1];
        if (url) ready(url);
      });
    }
    this.ended = new Promise((resolve) => void child.once('close', resolve));
    void this.ended.then(() => fail(new Error(`The service ended:\n${this.output}`)));
  }

  static async start(environment: Environment): Promise<{ service: ServiceProcess; http: HttpClient }> {
    const child = spawn(process.execPath, ['--import', FROM_SOURCES, '--import', PATIENT, MAIN], {
      // Away from the repository's own .env.
      cwd: tmpdir(),
      env: { PATH: process.env['PATH'], ...testEnvironment(environment) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let service!: ServiceProcess;
    const url = await new Promise<string>(
      (resolve, reject) => void (service = new ServiceProcess(child, resolve, reject)),
    );
    return { service, http: new HttpClient(url) };
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

/** Far more than anything needs on the slowest machine: only what hangs is false in the end. */
const MOST_LOOKS = 5_000;

/** Waits until it is true. How long that takes says nothing: figures are for `bench/`. */
export async function soon(condition: () => boolean | Promise<boolean>): Promise<boolean> {
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    if (await condition()) return true;
    await sleep(20);
  }
  return false;
}
