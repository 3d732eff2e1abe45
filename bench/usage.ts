import { readFileSync } from 'node:fs';
import { CLIENT_CORE, SERVER_CORE } from './processes.js';

const TICK_MS = 10; // USER_HZ is 100 on every Linux that people use

/** The usage between two moments. CPU times are in milliseconds. */
export interface Usage {
  readonly seconds: number;
  readonly server: number;
  /** The server's main thread alone, without hashes and the helpers of the garbage collector. */
  readonly mainThread: number;
  readonly database: number;
  /** The share of the busier core that other processes used meanwhile, 0 to 1: the noise of the figure. */
  readonly foreign: number;
}

/** Reads clocks, and returns a function that reads them again and returns the difference. */
export function watchUsage(serverPid: number, databasePid: number): () => Usage {
  const before = readClocks(serverPid, databasePid);
  return () => {
    const after = readClocks(serverPid, databasePid);
    const wall = after.wall - before.wall;
    const server = after.server - before.server;
    const database = after.database - before.database;
    const own = after.own - before.own;
    const othersAt = (core: number, ours: number) => (after.cores[core]! - before.cores[core]! - ours) / wall;
    const foreign = Math.max(othersAt(SERVER_CORE, server), othersAt(CLIENT_CORE, database + own), 0);
    return { seconds: wall / 1000, server, mainThread: after.mainThread - before.mainThread, database, foreign };
  };
}

/** Returns the resident memory in MB. */
export function residentMemory(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
  return Number(kilobytes) / 1024;
}

/** Returns the CPU time of a process and its children, including those that have ended. */
export function cpuTime(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  const [own, ended] = cpuTimesOf(`/proc/${pid}`);
  return children.reduce((sum, child) => sum + livingTimeOf(child), own + ended);
}

function livingTimeOf(pid: string): number {
  try {
    return cpuTimesOf(`/proc/${pid}`)[0];
  } catch {
    return 0; // it has ended, and its time counts with its parent now
  }
}

/** Reads utime and stime, then cutime and cstime (proc_pid_stat(5)). */
function cpuTimesOf(path: string): [own: number, endedChildren: number] {
  const fields = readFileSync(`${path}/stat`, 'utf8').split(') ')[1]!.split(' ').map(Number);
  return [(fields[11]! + fields[12]!) * TICK_MS, (fields[13]! + fields[14]!) * TICK_MS];
}

function readClocks(serverPid: number, databasePid: number) {
  const { user, system } = process.cpuUsage();
  return {
    wall: performance.now(),
    server: cpuTime(serverPid),
    mainThread: cpuTimesOf(`/proc/${serverPid}/task/${serverPid}`)[0],
    database: cpuTime(databasePid),
    own: (user + system) / 1000,
    cores: busyCores(),
  };
}

/** Reads everything but idle and iowait for each core (proc_stat(5)). */
function busyCores(): number[] {
  const lines = readFileSync('/proc/stat', 'utf8').split('\n');
  return lines
    .filter((line) => /^cpu\d/.test(line))
    .map((line) => {
      const [user, nice, system, , , irq, softirq, steal] = line.split(/\s+/).slice(1).map(Number);
      return (user! + nice! + system! + irq! + softirq! + steal!) * TICK_MS;
    });
}
