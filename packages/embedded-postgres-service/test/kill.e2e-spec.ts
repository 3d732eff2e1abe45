import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import {
  childrenOf,
  isRunning,
  postmasterOf,
  query,
  queryWhenBack,
  Scene,
  until,
  userOf,
  type ServiceProcess,
} from './service-process.js';

const scene = new Scene();
afterEach(() => scene.clear());
afterAll(() => scene.end());

describe('after kill -9 of the service', () => {
  it('PostgreSQL shuts down by itself, and the next start finds every committed row', async () => {
    const dataDirectory = await scene.usedFolder();
    const [service, { url, pid }] = await scene.running(dataDirectory);
    await query(url, 'CREATE TABLE things AS SELECT 1 AS id');
    await service.kill();
    await until(() => !isRunning(pid));
    const [, { url: next }] = await scene.running(dataDirectory);
    await expect(query(next, 'SELECT id FROM things')).resolves.toEqual([{ id: 1 }]);
  });

  it('an immediate start works', async () => {
    const dataDirectory = await scene.usedFolder();
    let [service, { url }] = await scene.running(dataDirectory);
    await query(url, 'CREATE TABLE things (id int)');
    for (let round = 1; round <= 5; round += 1) {
      await query(url, `INSERT INTO things VALUES (${round})`);
      await service.kill();
      [service, { url }] = await scene.running(dataDirectory);
      await expect(query(url, 'SELECT max(id) AS last, count(*)::int AS all FROM things')).resolves.toEqual([
        { last: round, all: round },
      ]);
    }
  });

  it('the next start stops a PostgreSQL that kept running, sessions and all', async () => {
    const dataDirectory = await scene.usedFolder();
    const [service, { url, pid }] = await scene.running(dataDirectory);
    await query(url, 'CREATE TABLE things AS SELECT 1 AS id');
    for (const watchdog of childrenOf(service.pid, '/bin/sh')) process.kill(watchdog, 'SIGKILL');
    await service.kill();
    const session = query(url, 'SELECT pg_sleep(60)').catch((error: Error) => error.message);
    await isAtWork(url, 'SELECT pg_sleep');
    expect(isRunning(pid)).toBe(true);

    const [next, { url: nextUrl }] = await scene.running(dataDirectory);
    expect(next.log).toContain(
      `Stopping the PostgreSQL (process ${pid}) that an earlier run of the service left behind`,
    );
    expect(isRunning(pid)).toBe(false);
    await expect(session).resolves.toMatch(/terminat/);
    await expect(query(nextUrl, 'SELECT id FROM things')).resolves.toEqual([{ id: 1 }]);
  });
});

describe('after kill -9 of PostgreSQL', () => {
  it('the service is told, and the same URL works again', async () => {
    const dataDirectory = await scene.usedFolder();
    const [service, { url, pid }] = await scene.running(dataDirectory);
    await query(url, 'CREATE TABLE things AS SELECT 1 AS id');
    let postmaster = pid;
    for (let round = 1; round <= 3; round += 1) {
      process.kill(postmaster, 'SIGKILL');
      await expect(service.next('exit', round)).resolves.toEqual({ event: 'exit', code: null });
      await expect(queryWhenBack(url, 'SELECT id FROM things')).resolves.toEqual([{ id: 1 }]);
      postmaster = postmasterOf(dataDirectory);
      expect(isRunning(postmaster)).toBe(true);
    }
    expect(service.reports.filter(({ event }) => event === 'exit')).toHaveLength(3);
    await service.stop();
    expect(isRunning(postmaster)).toBe(false);
  });

  it('sessions that are still at work do not keep it from coming back', async () => {
    const [, { url, pid }] = await scene.running(await scene.usedFolder());
    const work = "DO $$ BEGIN WHILE clock_timestamp() < now() + interval '1.5 s' LOOP END LOOP; END $$";
    const busy = query(url, work).catch(() => undefined);
    await isAtWork(url, 'DO $$ BEGIN WHILE');
    process.kill(pid, 'SIGKILL');
    await expect(queryWhenBack(url, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
    await busy;
  });

  it('PostgreSQL comes back as soon as somebody who took its port is gone', async () => {
    const [service, { url, pid }] = await scene.running(await scene.usedFolder());
    process.kill(pid, 'SIGSTOP');
    const thief = createServer((socket) => socket.destroy());
    process.kill(pid, 'SIGKILL');
    await listen(thief, Number(new URL(url).port));
    await until(() => service.log.includes('could not bind'));
    await new Promise((resolve) => thief.close(resolve));
    await expect(queryWhenBack(url, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
  });

  it('the service can stop while it is being started again', async () => {
    const dataDirectory = await scene.usedFolder();
    const stages: ((service: ServiceProcess, killed: number) => boolean)[] = [
      () => true,
      (_, killed) => ![0, killed].includes(postmasterOf(dataDirectory)),
      ({ log }) => log.split('ready to accept connections').length > 2,
    ];
    for (const isReached of stages) {
      const [service, { pid }] = await scene.running(dataDirectory);
      process.kill(pid, 'SIGKILL');
      await service.next('exit');
      await until(() => isReached(service, pid));
      await service.stop();
      expect(isRunning(postmasterOf(dataDirectory))).toBe(false);
    }
  });
});

describe('after kill -9 of both', () => {
  it('the next start works and has every committed row', async () => {
    const dataDirectory = await scene.usedFolder();
    let [service, { url, pid }] = await scene.running(dataDirectory);
    await query(url, 'CREATE TABLE things (id int)');
    for (let round = 1; round <= 3; round += 1) {
      await query(url, `INSERT INTO things VALUES (${round})`);
      process.kill(pid, 'SIGKILL');
      await service.kill();
      [service, { url, pid }] = await scene.running(dataDirectory);
      await expect(query(url, 'SELECT count(*)::int AS all FROM things')).resolves.toEqual([{ all: round }]);
    }
  });

  // It ends when its parent has become a program that does not wait for children.
  const child = 'while read -r name </proc/$PPID/comm && [ "$name" != sleep ]; do :; done';
  const strangers = {
    'a zombie': { script: `sh -c '${child}' >/dev/null & echo $!; exec sleep 1000 >/dev/null`, survives: false },
    'another program': { script: 'echo $$; exec sleep 1000 >/dev/null', survives: true },
  };
  for (const [name, { script, survives }] of Object.entries(strangers)) {
    it(`the next start is not held up by a postmaster.pid that names ${name}`, async () => {
      const dataDirectory = await scene.usedFolder();
      const [service, { pid }] = await scene.running(dataDirectory);
      const owner = userOf(pid);
      const lines = readFileSync(postmasterFile(dataDirectory), 'utf8').split('\n');
      await service.stop();
      const identity = process.getuid!() === 0 ? { uid: owner } : {};
      const shell = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'], ...identity });
      try {
        const stranger = Number(await new Promise((resolve) => createInterface(shell.stdout).once('line', resolve)));
        if (!survives) await until(() => !isRunning(stranger));
        expect(existsSync(`/proc/${stranger}`)).toBe(true);
        writeFileSync(postmasterFile(dataDirectory), [String(stranger), ...lines.slice(1)].join('\n'));
        const [next] = await scene.running(dataDirectory);
        expect(next.log).toContain(
          `postmaster.pid, which names ${survives ? `process ${stranger}` : `the dead process ${stranger}`}`,
        );
        expect(isRunning(stranger)).toBe(survives);
      } finally {
        shell.kill('SIGKILL');
      }
    });
  }

  it('the next start is not held up by an empty postmaster.pid', async () => {
    const dataDirectory = await scene.usedFolder();
    const [service] = await scene.running(dataDirectory);
    await service.stop();
    writeFileSync(postmasterFile(dataDirectory), '');
    const [, { pid }] = await scene.running(dataDirectory);
    expect(postmasterOf(dataDirectory)).toBe(pid);
  });
});

describe('after kill -9 during the first start', () => {
  it('the next start works, whenever that was, and leaves no rubbish', async () => {
    for (const reached of ['', 'cluster/PG_VERSION', 'cluster/global/pg_control', 'cluster/base/5']) {
      const dataDirectory = scene.folder();
      const drafts = (): string[] => readdirSync(dataDirectory).filter((name) => name.startsWith('postgres.new-'));
      const isWhole = () => existsSync(join(dataDirectory, 'postgres'));
      const service = scene.service(dataDirectory);
      await until(() => isWhole() || drafts().some((draft) => existsSync(join(dataDirectory, draft, reached))));
      await service.kill();
      const [next, { url }] = await scene.running(dataDirectory);
      await expect(query(url, 'CREATE TABLE things (id int)', 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
      await next.stop();
      // An initdb that outlived its service may have written during that start.
      if (drafts().length > 0) await (await scene.running(dataDirectory))[0].stop();
      expect(readdirSync(dataDirectory).toSorted()).toEqual(['postgres', 'postgres.lock']);
    }
  });
});

describe('Ctrl-C in the terminal', () => {
  it('reaches the service but not its PostgreSQL', async () => {
    const [service, { url, pid }] = await scene.running(await scene.usedFolder());
    service.interruptGroup();
    // The terminal sends it to the process group, to which PostgreSQL does not belong.
    expect(groupOf(pid)).not.toBe(groupOf(service.pid));
    expect(isRunning(pid)).toBe(true);
    await expect(query(url, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
    await service.stop();
    expect(isRunning(pid)).toBe(false);
  });
});

/** Resolves once a session executes a statement with this beginning. */
async function isAtWork(url: string, statement: string): Promise<void> {
  const working = `SELECT FROM pg_stat_activity WHERE state = 'active' AND starts_with(query, '${statement}')`;
  await until(async () => (await query(url, working)).length > 0);
}

/** Returns the process group. Columns after the name in parentheses: state, parent, group (Linux, proc_pid_stat(5)). */
function groupOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[2]);
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const attempt = (): void => void server.listen({ port, host: '127.0.0.1', exclusive: true });
    server.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? setTimeout(attempt, 1) : reject(error),
    );
    server.once('listening', () => resolve());
    attempt();
  });
}

function postmasterFile(dataDirectory: string): string {
  return join(dataDirectory, 'postgres/cluster/postmaster.pid');
}
