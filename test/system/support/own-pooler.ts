import { spawn, type ChildProcess } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { env } from 'node:process';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { unprivilegedAccount } from './own-postgres.js';
import { isRunning, until } from './processes.js';

/** PgBouncer of Debian, or that of `PGBOUNCER`, before a database, which lends connections by the transaction or by the session. */
export class OwnPooler {
  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    readonly url: string,
  ) {}

  static async start(databaseUrl: string, mode: 'transaction' | 'session', settings = ''): Promise<OwnPooler> {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-pooler-'));
    const account = unprivilegedAccount();
    const url = new URL(databaseUrl);
    const target = `host=${url.hostname} port=${url.port}`;
    url.port = String(await freePort());
    const users = join(folder, 'users');
    const file = join(folder, 'pgbouncer.ini');
    writeFileSync(users, `"${url.username}" "${decodeURIComponent(url.password)}"\n`);
    writeFileSync(
      file,
      `[databases]\n* = ${target}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${url.port}\nunix_socket_dir =\n` +
        `auth_type = trust\nauth_file = ${users}\npool_mode = ${mode}\nmax_client_conn = 100\ndefault_pool_size = 4\n${settings}\n`,
    );
    for (const path of [folder, users, file]) chownSync(path, account.uid, account.gid);
    const process = spawn(env['PGBOUNCER'] ?? '/usr/sbin/pgbouncer', [file], {
      ...account,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let log = '';
    process.stderr.setEncoding('utf8').on('data', (chunk: string) => (log += chunk));
    await until('PgBouncer starts', () => log.includes('process up') || process.exitCode !== null);
    if (process.exitCode !== null) throw new Error(`PgBouncer does not start:\n${log}`);
    return new OwnPooler(process, folder, url.href);
  }

  async stop(): Promise<void> {
    this.process.kill('SIGTERM');
    await until('PgBouncer ends', () => !isRunning(this.process.pid!));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
