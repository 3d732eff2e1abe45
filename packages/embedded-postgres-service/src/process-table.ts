import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { codeOf } from './embedded-error.js';

/** `zombie`: it has ended, but its parent has not waited for it; it accepts signal 0 as if it were alive. */
export type ProcessState = 'running' | 'zombie' | 'absent';

export function processState(pid: number): ProcessState {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return 'absent';
  }
  const letter = stateLetter(pid);
  return letter === 'Z' || letter === 'X' ? 'zombie' : 'running';
}

function stateLetter(pid: number): string | undefined {
  // The name of a process may contain any character, also parentheses: the state follows the last parenthesis.
  if (process.platform === 'linux') return readProc(pid, 'stat')?.split(') ').at(-1)?.at(0);
  if (process.platform === 'win32') return undefined;
  return output('ps', ['-o', 'state=', '-p', String(pid)])
    ?.trim()
    .at(0);
}

/**
 * Returns the command line of a process as one string, with blanks between arguments; undefined where it cannot be
 * read.
 */
export function commandLine(pid: number): string | undefined {
  if (process.platform === 'linux') return readProc(pid, 'cmdline')?.replaceAll('\0', ' ');
  if (process.platform === 'win32') return output('tasklist', ['/FI', `PID eq ${pid}`, '/NH', '/FO', 'CSV']);
  return output('ps', ['-o', 'args=', '-ww', '-p', String(pid)]);
}

/** Tells whether this is the working folder of the process; undefined where that cannot be read. */
export function worksIn(pid: number, folder: string): boolean | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const actual = statSync(`/proc/${pid}/cwd`, { bigint: true });
    const expected = statSync(folder, { bigint: true });
    return actual.dev === expected.dev && actual.ino === expected.ino;
  } catch {
    // Root in a container without CAP_SYS_PTRACE may not look at the processes of others.
    return undefined;
  }
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return undefined;
  }
}

function output(command: string, parameters: string[]): string | undefined {
  try {
    return execFileSync(command, parameters, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}
