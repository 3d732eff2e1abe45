import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createVerifier, type Verifier } from '../../../packages/client/src/index.js';
import { freePort } from '../../system/support/free-port.js';
import { until } from '../../system/support/processes.js';
import { PASSWORD, REPOSITORY, Scene, type Service } from '../../system/support/service.js';

export const EMAIL = 'alice@example.com';

/** Countersign as a developer starts it, a service behind it that verifies tokens, and copies of the example apps. */
export class Shop {
  private readonly folder = mkdtempSync(join(tmpdir(), 'countersign-frontends-'));
  private readonly running: ChildProcess[] = [];
  /** What the service was asked: method, path, and whether a cookie of Countersign came along. */
  readonly orders: { method: string; url: string; withCookie: boolean }[] = [];

  private constructor(
    private readonly scene: Scene,
    readonly countersign: Service,
    readonly issuer: string,
    private readonly verifier: Verifier,
    private readonly server: Server,
  ) {}

  static async open(): Promise<Shop> {
    const scene = new Scene();
    const port = await freePort();
    // No PUBLIC_URL, no CORS_ORIGINS, no TRUSTED_PROXIES: the defaults of development.
    const countersign = await scene.start({ NODE_ENV: 'development', PUBLIC_URL: undefined, PORT: String(port) });
    await countersign.http.post('/auth/register', { email: EMAIL, password: PASSWORD });
    const issuer = `http://localhost:${port}`;
    const verifier = createVerifier({ issuer, audience: 'api' });
    const server = createServer((request, response) => {
      const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
      verifier.verify(token).then(
        ({ email }) => {
          const withCookie = /\bcountersign=/.test(request.headers.cookie ?? '');
          shop.orders.push({ method: request.method!, url: request.url!, withCookie });
          return response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ of: email }));
        },
        () => response.writeHead(401).end('{}'),
      );
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const shop = new Shop(scene, countersign, issuer, verifier, server);
    cpSync(join(REPOSITORY, 'examples/frontends'), shop.folder, { recursive: true });
    await verifier.ready();
    return shop;
  }

  private get environment(): Record<string, string | undefined> {
    const { port } = this.server.address() as { port: number };
    const { PATH, HOME } = process.env;
    const quiet = { CI: 'true', NO_COLOR: '1', NEXT_TELEMETRY_DISABLED: '1', NG_CLI_ANALYTICS: 'false' };
    return { PATH, HOME, ...quiet, COUNTERSIGN: this.countersign.url, SERVICE: `http://127.0.0.1:${port}` };
  }

  /** Installs an app from the registry and starts its dev server. Returns the origin of its page. */
  async start(app: string, argumentsAt: (port: number) => string[]): Promise<string> {
    const cwd = join(this.folder, app);
    const npm = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock'];
    execFileSync('npm', npm, { cwd, stdio: 'pipe' });
    const port = await freePort();
    const child = spawn('npx', argumentsAt(port), {
      cwd,
      env: this.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: dev servers have children.
      detached: true,
    });
    this.running.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
    const origin = `http://localhost:${port}`;
    await until('the dev server answers', () => {
      if (child.exitCode !== null) throw new Error(`${app} has ended:\n${output}`);
      return fetch(origin).then(
        ({ ok }) => ok,
        () => false,
      );
    });
    return origin;
  }

  /** Runs a program of an app to its end, and returns what it wrote. */
  async run(app: string, ...args: string[]): Promise<string> {
    const options = { cwd: join(this.folder, app), env: this.environment };
    const { stdout } = await promisify(execFile)(process.execPath, args, options);
    return stdout;
  }

  async close(): Promise<void> {
    for (const { pid, exitCode } of this.running) if (exitCode === null) process.kill(-pid!, 'SIGKILL');
    await this.verifier.close();
    this.server.closeAllConnections();
    this.server.close();
    await this.scene.clear();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
