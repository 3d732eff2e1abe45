import type { ChildProcess } from 'node:child_process';
import { freePort, programArguments, runProgram, startNode, stop, untilReady } from './processes.js';
import type { Target } from './service.js';

/** The ceiling for the service: the smallest server that does the same, on the same core. */
export class LimitsServer implements Target {
  readonly pid: number;
  readonly port: number;
  private readonly child: ChildProcess;

  static async start(databaseUrl: string, sessions: number): Promise<LimitsServer> {
    const port = await freePort();
    const child = startNode(programArguments('limits-server.ts'), {
      LIMITS_PORT: String(port),
      LIMITS_DATABASE: databaseUrl,
      LIMITS_SESSIONS: String(sessions),
    });
    await untilReady(child, `http://127.0.0.1:${port}/ready`);
    return new LimitsServer(child, port);
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

/** Returns the CPU milliseconds of one bare argon2id hash, measured for so many seconds. */
export async function bareHash(seconds: number): Promise<number> {
  const { hashes, cpuMs } = await runProgram<{ hashes: number; cpuMs: number }>('hash-limit.ts', {
    HASH_SECONDS: String(seconds),
  });
  return cpuMs / hashes;
}
