import { readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../src/index.js';
import { isRunning, query, Scene, userOf } from './service-process.js';

describe('a new embedded database', () => {
  const scene = new Scene();
  let dataDirectory: string;
  let postgres: EmbeddedPostgres;

  beforeAll(async () => {
    dataDirectory = join(scene.folder(), 'deep', '.data');
    postgres = await startEmbeddedPostgres({ dataDirectory, database: 'countersign', role: 'countersign' });
  });

  afterAll(async () => {
    await postgres.stop();
    await scene.clear();
  });

  it('holds an empty database in UTF-8 whose order of texts does not depend on the machine', async () => {
    const [row] = await query(
      postgres.url,
      `SELECT pg_encoding_to_char(encoding) AS encoding, datlocprovider AS provider, datlocale AS locale,
              current_database() AS name, upper('straße é') AS upper, 'a' < 'B' AS "order"
       FROM pg_database WHERE datname = current_database()`,
    );
    expect(row).toEqual({
      encoding: 'UTF8',
      provider: 'b',
      locale: 'C.UTF-8',
      name: 'countersign',
      upper: 'STRAßE É',
      order: false,
    });
  });

  it('keeps what it has acknowledged', async () => {
    const rows = await query(
      postgres.url,
      `SELECT name, setting FROM pg_settings
       WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums') ORDER BY name`,
    );
    expect(rows.map(({ name, setting }) => `${String(name)}=${String(setting)}`)).toEqual([
      'data_checksums=on',
      'fsync=on',
      'full_page_writes=on',
      'synchronous_commit=on',
    ]);
  });

  it('tells its version and its process', async () => {
    expect(postgres.version).toMatch(/^18\.\d+$/);
    expect(isRunning(postgres.pid)).toBe(true);
    expect(readFileSync(join(dataDirectory, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n')[0]).toBe(
      String(postgres.pid),
    );
  });

  it('lets nobody in without the password, which only its owner can read', async () => {
    const passwordFile = join(dataDirectory, 'postgres/password');
    expect(statSync(passwordFile).mode & 0o777).toBe(0o600);
    expect(new URL(postgres.url).password).toBe(readFileSync(passwordFile, 'utf8'));
    expect(new URL(postgres.url).password.length).toBeGreaterThanOrEqual(32);
    for (const user of ['countersign', 'postgres']) {
      for (const password of ['', 'postgres', 'wrong']) {
        const url = new URL(postgres.url);
        url.username = user;
        url.password = password;
        await expect(query(url.href, 'SELECT 1')).rejects.toThrow(/password/);
      }
    }
    const rules = await query(superuser(postgres.url), 'SELECT DISTINCT auth_method FROM pg_hba_file_rules');
    expect(rules).toEqual([{ auth_method: 'scram-sha-256' }]);
    const kinds = await query(
      superuser(postgres.url),
      'SELECT DISTINCT left(rolpassword, 14) AS kind FROM pg_authid WHERE rolcanlogin',
    );
    expect(kinds).toEqual([{ kind: 'SCRAM-SHA-256$' }]);
  });

  it('gives the service a role that owns its database and can make others, but is no superuser', async () => {
    await expect(query(postgres.url, "COPY (SELECT 1) TO PROGRAM 'true'")).rejects.toThrow(/permission denied/);
    await query(postgres.url, 'CREATE TABLE things (id int)', 'CREATE EXTENSION pgcrypto', 'CREATE DATABASE another');
    const [row] = await query(postgres.url, `SELECT rolsuper FROM pg_roles WHERE rolname = current_user`);
    expect(row).toEqual({ rolsuper: false });
  });

  it('listens on the loopback interface and on no socket', async () => {
    const port = Number(new URL(postgres.url).port);
    const [row] = await query(superuser(postgres.url), 'SHOW unix_socket_directories');
    expect(row).toEqual({ unix_socket_directories: '' });
    expect(listeningAddresses(port)).toEqual(['0100007F']);
    await expect(canConnect('127.0.0.1', port)).resolves.toBe(true);
    await expect(canConnect('127.0.0.2', port)).resolves.toBe(false);
  });

  it('never runs as root, and its folder is closed to others', () => {
    const uid = userOf(postgres.pid);
    expect(uid).not.toBe(0);
    const home = statSync(join(dataDirectory, 'postgres'));
    expect({ uid: home.uid, mode: home.mode & 0o777 }).toEqual({ uid, mode: 0o700 });
  });

  it('is not reached by PGPORT and its like in the environment', () => {
    const environment = readFileSync(`/proc/${postgres.pid}/environ`, 'utf8').split('\0').filter(Boolean);
    expect(environment.filter((entry) => !/^(LC_ALL=C|TZ=UTC|PG_|PWD=)/.test(entry))).toEqual([]);
  });
});

describe('an embedded database that is started again', () => {
  const scene = new Scene();
  afterAll(() => scene.end());

  it('has its data, its password and no process left between', async () => {
    const dataDirectory = await scene.usedFolder();
    const first = await startEmbeddedPostgres({ dataDirectory, database: 'countersign', role: 'countersign' });
    await query(first.url, 'CREATE TABLE things AS SELECT 42 AS answer');
    const { pid } = first;
    const exits: unknown[] = [];
    first.onExit((code) => exits.push(code));
    await Promise.all([first.stop(), first.stop()]);
    await first.stop();
    expect(isRunning(pid)).toBe(false);
    expect(exits).toEqual([]);

    const lines: string[] = [];
    const second = await startEmbeddedPostgres({
      dataDirectory,
      database: 'countersign',
      role: 'countersign',
      log: (line) => lines.push(line),
    });
    try {
      expect(new URL(second.url).password).toBe(new URL(first.url).password);
      await expect(query(second.url, 'SELECT answer FROM things')).resolves.toEqual([{ answer: 42 }]);
      expect(lines.join('\n')).toContain('database system was shut down at');
    } finally {
      await second.stop();
    }
  });

  it('follows the settings it is given, and makes a database and a role that are missing', async () => {
    const dataDirectory = await scene.usedFolder();
    const settings = { work_mem: '7MB', listen_addresses: '*' };
    const postgres = await startEmbeddedPostgres({
      dataDirectory,
      database: 'countersign-2',
      role: 'another-one',
      settings,
    });
    try {
      const [row] = await query(
        postgres.url,
        "SELECT current_database() AS name, session_user AS role, current_setting('work_mem') AS memory, current_setting('listen_addresses') AS addresses",
      );
      expect(row).toEqual({ name: 'countersign-2', role: 'another-one', memory: '7MB', addresses: '127.0.0.1' });
    } finally {
      await postgres.stop();
    }
    const unknown = { dataDirectory, database: 'countersign', role: 'countersign', settings: { no_such_setting: '1' } };
    await expect(startEmbeddedPostgres(unknown)).rejects.toThrow(/does not start.*no_such_setting/s);
    const forged = { dataDirectory, database: 'countersign', role: 'countersign', settings: { 'a=b -c x': '1' } };
    await expect(startEmbeddedPostgres(forged)).rejects.toThrow(/is no PostgreSQL setting/);
    await expect(startEmbeddedPostgres({ dataDirectory, database: 'a b?c', role: 'countersign' })).rejects.toThrow(
      /is no name for a database/,
    );
    const powerful = { dataDirectory, database: 'countersign', role: 'postgres' };
    await expect(startEmbeddedPostgres(powerful)).rejects.toThrow(/is the superuser/);
  });
});

function superuser(serviceUrl: string): string {
  const url = new URL(serviceUrl);
  url.username = 'postgres';
  return url.href;
}

/** Returns the hexadecimal addresses of both IP versions on which a process listens at this port. */
function listeningAddresses(port: number): string[] {
  const LISTEN = '0A';
  return ['tcp', 'tcp6']
    .flatMap((file) => readFileSync(`/proc/net/${file}`, 'utf8').trim().split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTEN && Number.parseInt(fields[1]!.split(':')[1]!, 16) === port)
    .map((fields) => fields[1]!.split(':')[0]!);
}

function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
