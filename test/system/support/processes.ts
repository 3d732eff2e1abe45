import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether a process lives; a zombie does not. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Waits for a condition, a minute at most. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  // For what hangs, on the slowest machine.
  const deadline = Date.now() + 240_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Never came true: ${what}`);
    await sleep(10);
  }
}

/** Lets so many seconds pass, where the passing of time is the fault itself: something grows old, or stays silent. */
export const letPass = (seconds: number): Promise<void> => sleep(1_000 * seconds);

// As /proc/net writes 127.0.0.1 on a little-endian machine, and ::1.
const LOOPBACK = /^(0100007F|00000000000000000000000001000000):/;
const LISTEN = '0A';

/** The TCP addresses on which a process listens, parted into those of the loopback and all others. */
export function listeningSockets(pid: number): { loopback: number; elsewhere: number } {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).map((fd) => /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1]),
  );
  // Columns: 1 local address, 3 state, 9 inode (Linux, Documentation/networking/proc_net_tcp.rst).
  const listening = ['tcp', 'tcp6']
    .flatMap((table) => readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[3] === LISTEN && inodes.has(columns[9]));
  const loopback = listening.filter((columns) => LOOPBACK.test(columns[1]!)).length;
  return { loopback, elsewhere: listening.length - loopback };
}
