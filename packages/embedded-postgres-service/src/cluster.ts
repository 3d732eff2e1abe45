import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Account, clusterPath, giveTo } from './account.js';
import type { Binaries } from './binaries.js';
import { type DataFolder, notWritable, stagingHome } from './data-folder.js';
import { codeOf, EmbeddedPostgresError, OR_ANOTHER_DATABASE } from './embedded-error.js';
import { startProgram } from './spawned-program.js';

/** The superuser that `initdb` creates; the service itself signs in under a role with fewer rights. */
export const SUPERUSER = 'postgres';

/**
 * Runs `initdb` in a staging folder and renames that when it is complete: after any interruption the next start begins
 * again. The random password beside the cluster is the only credential.
 */
export async function createCluster(
  folder: DataFolder,
  binaries: Binaries,
  account: Account | undefined,
  log: (line: string) => void,
): Promise<void> {
  const unique = randomBytes(6).toString('hex');
  const staging = stagingHome(folder, unique);
  try {
    for (const path of [staging.home, staging.cluster]) {
      mkdirSync(path, { mode: 0o700 });
      if (account) chownSync(path, account.uid, account.gid);
    }
    writeSecret(staging.passwordFile, randomBytes(24).toString('base64url'), account);
    await runInitdb(staging.cluster, binaries, account, log);
    renameSync(staging.home, folder.home);
    syncFolder(folder.directory);
  } catch (error) {
    await rm(staging.home, { recursive: true, force: true }).catch(() => undefined);
    throw error instanceof EmbeddedPostgresError ? error : notWritable(folder, error);
  }
}

/**
 * Fills an empty folder beside which the file `password` lies. @throws EmbeddedPostgresError with the message of
 * `initdb`
 */
async function runInitdb(
  cluster: string,
  binaries: Binaries,
  account: Account | undefined,
  log: (line: string) => void,
): Promise<void> {
  const { cwd, path } = clusterPath(cluster, account);
  const parameters = [
    '-D',
    path,
    `--username=${SUPERUSER}`,
    `--pwfile=${path}/../password`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // The locale C is built into the server, so that the order of texts, and with it every index, is the same on every
    // machine.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ];
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  const initdb = await startProgram(binaries.initdb, parameters, { account, cwd, stdio: [...stdio] });
  const [code, errors] = await Promise.all([exitCode(initdb), text(initdb.stderr!), text(initdb.stdout!)]);
  for (const line of errors.split('\n').filter(Boolean)) log(line);
  if (code === 0) return;
  throw new EmbeddedPostgresError(
    `The embedded database could not be created: ${errors.trim() || `initdb ended with code ${code}`}\n` +
      `Remove the cause, or choose another data folder, or ${OR_ANOTHER_DATABASE}.`,
  );
}

function exitCode(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', resolve));
}

function writeSecret(file: string, secret: string, owner: Account | undefined): void {
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    writeSync(descriptor, secret);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  if (owner) chownSync(file, owner.uid, owner.gid);
}

function syncFolder(folder: string): void {
  // Windows has no permission bits.
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Makes the folder of an earlier start ours again where root can (a copy or `chown -R` may have changed its owner).
 * @throws EmbeddedPostgresError where it belongs to another user
 */
export function claimHome(folder: DataFolder, account: Account | undefined): void {
  const user = account?.uid ?? process.geteuid?.();
  if (user === undefined || !existsSync(folder.home)) return;
  const owners = [folder.home, folder.cluster].filter((path) => existsSync(path)).map((path) => statSync(path).uid);
  if (owners.length === 2 && owners.every((uid) => uid === user)) return;
  if (account) return giveTo(account, folder.home);
  const stranger = owners.find((uid) => uid !== user);
  if (stranger === undefined) return;
  throw new EmbeddedPostgresError(
    `The embedded database in ${folder.home} belongs to user ${stranger}, and this is user ${user}. Start the service ` +
      `as that user, or run "sudo chown -R ${user} ${folder.directory}", or choose another data folder, or ` +
      `${OR_ANOTHER_DATABASE}.`,
  );
}

/** Refuses data of another major version, and repairs permissions that PostgreSQL would refuse. */
export function checkCluster(folder: DataFolder, binaries: Binaries): void {
  const major = readFileSync(join(folder.cluster, 'PG_VERSION'), 'utf8').trim();
  if (major !== binaries.major) {
    throw new EmbeddedPostgresError(
      `The data in ${folder.cluster} was written by PostgreSQL ${major}; the embedded one is ${binaries.major} and ` +
        `cannot read it. Export it with the pg_dump of ${major} and import it into a new data folder, or ` +
        `${OR_ANOTHER_DATABASE}.`,
    );
  }
  if (process.platform === 'win32') return;
  for (const path of [folder.home, folder.cluster]) {
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o700);
  }
}

/** Returns the password of every role of the cluster. @throws EmbeddedPostgresError where it is lost */
export function readPassword(folder: DataFolder): string {
  try {
    return readFileSync(folder.passwordFile, 'utf8').trim();
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `The password of the embedded database cannot be read from ${folder.passwordFile} (${codeOf(cause)}). Restore ` +
        `that file, or remove ${folder.home} to begin with an empty database, or ${OR_ANOTHER_DATABASE}.`,
      { cause },
    );
  }
}
