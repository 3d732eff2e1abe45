import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../system/support/processes.js';

const here = import.meta.dirname;

/** nginx with `nginx.conf` of this folder, over TLS with a certificate of its own. */
export class Nginx {
  private text = '';

  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {
    child.stderr!.setEncoding('utf8').on('data', (chunk: string) => (this.text += chunk));
  }

  static async start(ports: Record<'PORT' | 'COUNTERSIGN' | 'SERVICE', number>): Promise<Nginx> {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-nginx-'));
    const certificate = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'certificate.pem')];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=shop.test'];
    execFileSync('openssl', ['req', '-x509', '-days', '1', ...key, ...certificate], { stdio: 'ignore' });
    let text = readFileSync(join(here, 'nginx.conf'), 'utf8').replace(/^#.*\n/gm, '');
    const values = { ...ports, FOLDER: folder, PAGES: join(here, 'shop') };
    for (const [name, value] of Object.entries(values)) text = text.replaceAll(name, String(value));
    writeFileSync(join(folder, 'nginx.conf'), text);
    const child = spawn('nginx', ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')], {
      env: { PATH: `${process.env.PATH}:/usr/sbin` },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const nginx = new Nginx(child, folder);
    await until('nginx listens', async () => nginx.hasEnded || (await isListening(ports.PORT)));
    if (nginx.hasEnded) {
      await nginx.stop();
      throw new Error(`nginx has ended:\n${nginx.text}`);
    }
    return nginx;
  }

  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    await until('nginx ends', () => this.hasEnded);
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
