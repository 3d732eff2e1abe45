import { execFileSync } from 'node:child_process';
import type { Binaries } from './binaries.js';
import { codeOf } from './embedded-error.js';

// PostgreSQL, "Shutting Down the Server": fast ends the sessions and writes a checkpoint, immediate leaves the rest to
// the recovery at the next start. Neither loses acknowledged data.
const STEPS = [
  { signal: 'INT', patience: 20_000 },
  { signal: 'QUIT', patience: 5_000 },
  { signal: 'KILL', patience: 5_000 },
] as const;

/**
 * Ends a postmaster, with the mildest signal first.
 * @param endedWithin waits at most that many milliseconds for its end, and tells whether it came
 * @returns whether it has ended
 */
export async function shutDown(
  pid: number,
  binaries: Binaries,
  endedWithin: (milliseconds: number) => Promise<boolean>,
): Promise<boolean> {
  for (const { signal, patience } of STEPS) {
    if (await endedWithin(0)) return true;
    send(pid, signal, binaries);
    if (await endedWithin(patience)) return true;
  }
  return false;
}

function send(pid: number, signal: 'INT' | 'QUIT' | 'KILL', { pgCtl }: Binaries): void {
  try {
    // Windows has no signals; PostgreSQL brings its own, and a program that sends them.
    if (process.platform === 'win32') execFileSync(pgCtl, ['kill', signal, String(pid)], { stdio: 'ignore' });
    else process.kill(pid, `SIG${signal}`);
  } catch (error) {
    if (process.platform !== 'win32' && codeOf(error) !== 'ESRCH') throw error;
  }
}
