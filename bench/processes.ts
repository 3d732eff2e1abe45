import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The core of the measured server, and the core of everything else: this process and PostgreSQL. */
export const SERVER_CORE = 0;
export const CLIENT_CORE = 1;

export const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));

const LONGEST_START_MS = 60_000;
const LONGEST_STOP_MS = 10_000;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

/** Moves this process, and with it all processes that it starts, to the core of the clients. */
export function pinSelf(): void {
  try {
    execFileSync('taskset', ['-a', '-c', '-p', String(CLIENT_CORE), String(process.pid)], { stdio: 'pipe' });
  } catch (cause) {
    throw new Error('The bench needs Linux, two cores and `taskset` (util-linux).', { cause });
  }
}

/** Starts Node on the core of the servers. `args` are those of `node`. */
export function startNode(args: string[], env: Record<string, string> = {}): ChildProcess {
  const command = ['-c', String(SERVER_CORE), process.execPath, ...args];
  const child = spawn('taskset', command, {
    cwd: REPOSITORY,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Starts a program of this folder on any core, with a channel for messages. */
export function startClient(name: string, env: Record<string, string>): ChildProcess {
  const command = ['-c', `${SERVER_CORE},${CLIENT_CORE}`, process.execPath, ...programArguments(name)];
  const child = spawn('taskset', command, {
    cwd: REPOSITORY,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/**
 * Returns the arguments of `node` that run a program of this folder as plain JavaScript, so that no compiler is
 * measured.
 */
export function programArguments(name: string): string[] {
  const source = readFileSync(new URL(name, import.meta.url), 'utf8');
  return ['--input-type=module', '--eval', stripTypeScriptTypes(source)];
}

/** Runs a program of this folder on the core of the servers to its end. @returns its output, parsed as JSON */
export async function runProgram<Result>(name: string, env: Record<string, string>): Promise<Result> {
  const command = ['-c', String(SERVER_CORE), process.execPath, ...programArguments(name)];
  const child = spawn('taskset', command, {
    cwd: REPOSITORY,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return JSON.parse(await text(child.stdout)) as Result;
}

/** Waits until the path answers 200. @throws Error where the process ends before */
export async function untilReady(child: ChildProcess, url: string): Promise<void> {
  const deadline = performance.now() + LONGEST_START_MS;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${url}: the server has ended`);
    if (performance.now() > deadline) throw new Error(`${url}: not ready`);
    const ready = await fetch(url).then(
      async (response) => (await response.arrayBuffer(), response.status === 200),
      () => false,
    );
    if (ready) return;
    await sleep(3);
  }
}

export async function stop(child: ChildProcess): Promise<void> {
  if (!running.has(child)) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), LONGEST_STOP_MS);
  await ended;
  clearTimeout(patience);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
