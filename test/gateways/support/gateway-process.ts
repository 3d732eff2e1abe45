import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from '../../system/support/service.js';
import { until } from '../../system/support/processes.js';
import { freePort } from '../../system/support/free-port.js';

/** What stands in place of the ports of the examples. */
export interface Ports {
  /** In place of 3000. */
  countersign: number;
  /** In place of 9001. */
  extAuthz: number;
  /** In place of 4000. */
  service: number;
}

/** A program with its files of `examples/gateways`, in a folder of its own. */
export class GatewayProcess {
  private text = '';

  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly port: number,
  ) {
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => (this.text += chunk));
    }
  }

  /**
   * Starts a program on an example, of which nothing is changed but its ports, and what `adapt` does to each file.
   * `argumentsIn` gets the folder of the files, and so does what makes `further` files.
   */
  static async start(
    example: string,
    ports: Ports,
    program: string,
    argumentsIn: (folder: string) => string[],
    adapt: (text: string, folder: string) => string = (text) => text,
    further: Record<string, (folder: string) => string> = {},
  ): Promise<GatewayProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-gateway-'));
    cpSync(join(REPOSITORY, 'examples/gateways', example), folder, { recursive: true });
    const port = await freePort();
    const inPlace: Record<string, number> = {
      8080: port,
      3000: ports.countersign,
      9001: ports.extAuthz,
      4000: ports.service,
    };
    for (const file of readdirSync(folder)) {
      const text = readFileSync(join(folder, file), 'utf8');
      const ported = text.replaceAll(/(?<=: ?)(?:8080|3000|9001|4000)\b/g, (number) => String(inPlace[number]));
      writeFileSync(join(folder, file), adapt(ported, folder));
    }
    for (const [file, textIn] of Object.entries(further)) writeFileSync(join(folder, file), textIn(folder));
    const child = spawn(program, argumentsIn(folder), {
      cwd: folder,
      env: { PATH: `${process.env.PATH}:/usr/sbin`, HOME: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const gateway = new GatewayProcess(child, folder, port);
    await until('the gateway listens', async () => gateway.hasEnded || (await isListening(port)));
    if (gateway.hasEnded) {
      await gateway.stop();
      throw new Error(`${program} has ended:\n${gateway.text}`);
    }
    return gateway;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    await until('the gateway ends', () => this.hasEnded);
    rmSync(this.folder, { recursive: true });
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }
}

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket.destroy() !== null));
    socket.on('error', () => resolve(false));
  });
