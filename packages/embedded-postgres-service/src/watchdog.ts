import { type Account, identity } from './account.js';
import { spawn } from 'node:child_process';

// The shell waits for the end of its input, which comes with the end of the service, however that ends.
const SCRIPT = 'read -r dismissed || kill -INT "$1"';

/**
 * Shuts PostgreSQL down when this process is killed. Where the watchdog cannot run, the next start stops the orphan.
 * @returns a function that dismisses the watchdog; call it as soon as PostgreSQL has ended
 */
export function watchOver(pid: number, account: Account | undefined): () => void {
  if (process.platform === 'win32') return () => undefined;
  const watchdog = spawn('/bin/sh', ['-c', SCRIPT, 'sh', String(pid)], {
    ...identity(account),
    cwd: '/',
    env: {},
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watchdog.on('error', () => undefined);
  watchdog.stdin.on('error', () => undefined);
  watchdog.unref();
  return () => watchdog.stdin.end('dismissed\n');
}
