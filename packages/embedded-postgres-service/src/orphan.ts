import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Account, clusterPath } from './account.js';
import type { Binaries } from './binaries.js';
import type { DataFolder } from './data-folder.js';
import { codeOf, EmbeddedPostgresError, OR_ANOTHER_DATABASE } from './embedded-error.js';
import { commandLine, processState, worksIn } from './process-table.js';
import { shutDown } from './shutdown.js';

/**
 * Makes the cluster free for a start: stops the PostgreSQL that a killed service left running, and removes a
 * `postmaster.pid` that would keep the next one from starting although its process is dead or is another program by
 * now. The caller has the folder's lock, so a PostgreSQL that runs here has lost its service.
 */
export async function clearOrphan(
  folder: DataFolder,
  binaries: Binaries,
  account: Account | undefined,
  log: (line: string) => void,
): Promise<void> {
  const pidFile = pidFileOf(folder);
  const lines = readPidFile(folder);
  if (!lines) return;
  const pid = Number.parseInt(lines[0] ?? '', 10);
  if (!(pid > 0)) return removeStale(pidFile, 'names no process', log);
  const state = processState(pid);
  // PostgreSQL itself recognises the file of an absent process, and checks for sessions that survived it.
  if (state === 'absent') return;
  if (state === 'zombie') return removeStale(pidFile, `names the dead process ${pid}`, log);
  if (!isServerOf(folder, account, pid, lines[3] ?? '')) {
    return removeStale(pidFile, `names process ${pid}, which is another program by now`, log);
  }
  log(`Stopping the PostgreSQL (process ${pid}) that an earlier run of the service left behind`);
  await stopOrphan(folder, binaries, pid);
}

const pidFileOf = (folder: DataFolder): string => join(folder.cluster, 'postmaster.pid');

/**
 * Returns the lines of postmaster.pid: pid, data directory, start time, port and more (PostgreSQL,
 * src/include/utils/pidfile.h).
 */
export function readPidFile(folder: DataFolder): string[] | undefined {
  try {
    return readFileSync(pidFileOf(folder), 'utf8').split('\n');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function removeStale(pidFile: string, reason: string, log: (line: string) => void): void {
  log(`Removing ${pidFile}, which ${reason}`);
  rmSync(pidFile, { force: true });
}

// The id of an ended process is given to another one, in a container soon.
function isServerOf(folder: DataFolder, account: Account | undefined, pid: number, port: string): boolean {
  const worksHere = worksIn(pid, folder.cluster);
  if (worksHere !== undefined) return worksHere;
  const command = commandLine(pid);
  if (command === undefined) return true;
  if (process.platform === 'win32') return command.includes('postgres.exe');
  const words = `${command.trim()} `;
  return words.includes(`-D ${clusterPath(folder.cluster, account).path} `) && words.includes(`port=${port} `);
}

async function stopOrphan(folder: DataFolder, binaries: Binaries, pid: number): Promise<void> {
  const endedWithin = async (milliseconds: number): Promise<boolean> => {
    const deadline = performance.now() + milliseconds;
    while (processState(pid) === 'running') {
      if (performance.now() >= deadline) return false;
      await sleep(5);
    }
    return true;
  };
  if (await shutDown(pid, binaries, endedWithin)) return;
  throw new EmbeddedPostgresError(
    `A PostgreSQL of an earlier run (process ${pid}) still uses ${folder.cluster} and does not end. Stop it, or ` +
      `choose another data folder, or ${OR_ANOTHER_DATABASE}.`,
  );
}
