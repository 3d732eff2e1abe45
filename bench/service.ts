import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { freePort, startNode, stop, untilReady } from './processes.js';

/** The SECRET_KEY of every service of this run. */
export const SECRET_KEY = randomBytes(32);

/** A server that is measured: the service or its limit. */
export interface Target {
  readonly pid: number;
  readonly port: number;
}

/** The built service as in production, with limits and log, on the core of the servers. */
export class Service implements Target {
  readonly pid: number;
  readonly port: number;
  private readonly child: ChildProcess;

  /** Starts the service. BENCH_PROFILE names a folder for V8's CPU profile, which is written when the service stops. */
  static async start(databaseUrl: string, publicUrl?: string): Promise<Service> {
    const port = await freePort();
    const profile = process.env['BENCH_PROFILE'];
    const child = startNode(
      ['--max-semi-space-size=8', ...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []), 'dist/main.js'],
      {
        NODE_ENV: 'production',
        PORT: String(port),
        PUBLIC_URL: publicUrl ?? `http://localhost:${port}`,
        SECRET_KEY: SECRET_KEY.toString('base64'),
        DATABASE_URL: databaseUrl,
        TRUSTED_PROXIES: '127.0.0.1/32',
      },
    );
    await untilReady(child, `http://127.0.0.1:${port}/health/ready`);
    return new Service(child, port);
  }

  private constructor(child: ChildProcess, port: number) {
    this.child = child;
    this.pid = child.pid!;
    this.port = port;
  }

  stop(): Promise<void> {
    return stop(this.child);
  }
}
