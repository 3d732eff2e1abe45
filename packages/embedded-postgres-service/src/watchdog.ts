import { type Account, identity } from './account.js';
import { spawn } from 'node:child_process';

// The shell waits for the end of its input, which comes with the end of the service, however that dies.
const SCRIPT = 'read -r dismissed || kill -INT "$1"';

/**
 * Lets PostgreSQL shut down when this process is killed, so that none is left behind. Where it cannot run, the next
 * start stops the orphan.
 * @returns dismisses the watchdog; to be called as soon as PostgreSQL has ended
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
