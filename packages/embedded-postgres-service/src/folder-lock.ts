import { lchownSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataFolder } from './data-folder.js';
import { EmbeddedPostgresError, OR_ANOTHER_DATABASE } from './embedded-error.js';
import { processState } from './process-table.js';

/** The right to use a data folder. It ends with `release`, or with the process, however that ends. */
export interface FolderLock {
  release(): void;
}

interface Holder {
  readonly pid: number;
  readonly since: string;
}

// https://www.sqlite.org/rescode.html
const SQLITE_BUSY = 5;

// The garbage collector would release a lock without any reference to it.
const held = new Set<DatabaseSync>();

/**
 * Takes the data folder for this process.
 * @throws EmbeddedPostgresError naming the process that has it
 */
export async function lockFolder(folder: DataFolder): Promise<FolderLock> {
  const file = await takeFileLock(folder);
  held.add(file);
  const release = (): void => {
    if (!held.delete(file)) return;
    try {
      rmSync(folder.holderFile, { force: true });
    } finally {
      file.close();
    }
  };
  try {
    writeHolder(folder, { pid: process.pid, since: new Date(performance.timeOrigin).toISOString() });
    return { release };
  } catch (error) {
    release();
    throw unusable(folder, error);
  }
}

/**
 * Takes a file lock through SQLite, since Node has none of its own: a write transaction that never writes. The kernel
 * ends it with the process, so that no stale lock, reused pid or zombie is ever mistaken for a holder, and exactly one
 * of several starting processes wins. The file must not be opened in another way: closing it would release the lock
 * (POSIX fcntl).
 */
async function takeFileLock(folder: DataFolder): Promise<DatabaseSync> {
  const { DatabaseSync } = await import('node:sqlite').catch((cause: unknown) => {
    throw new EmbeddedPostgresError(
      `The embedded database needs a Node.js with node:sqlite. Use the official Node.js 24, or ${OR_ANOTHER_DATABASE}.`,
      { cause },
    );
  });
  let file: DatabaseSync | undefined;
  try {
    file = new DatabaseSync(folder.lockFile);
    // Without a journal on disk a kill leaves nothing that the next process would have to roll back.
    file.exec('PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE');
    return file;
  } catch (error) {
    file?.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) throw await inUse(folder);
    throw unusable(folder, error);
  }
}

function writeHolder(folder: DataFolder, holder: Holder): void {
  const draft = `${folder.holderFile}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o644 });
  renameSync(draft, folder.holderFile);
  if (process.geteuid?.() !== 0) return;
  // After `sudo npm start` the owner of the folder can still start without sudo.
  const { uid, gid } = statSync(folder.directory);
  for (const path of [folder.lockFile, folder.holderFile]) lchownSync(path, uid, gid);
}

async function inUse(folder: DataFolder): Promise<EmbeddedPostgresError> {
  const holder = await readHolder(folder);
  const who = holder ? `process ${holder.pid} (started ${holder.since})` : 'another process';
  return new EmbeddedPostgresError(
    `The embedded database in ${folder.directory} is in use by ${who}. ` +
      `Stop it, or choose another data folder, or ${OR_ANOTHER_DATABASE}.`,
  );
}

// The winner of a race writes its name a moment after it has won; until then the file may have an older name.
async function readHolder(folder: DataFolder): Promise<Holder | undefined> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    try {
      const holder = JSON.parse(readFileSync(folder.holderFile, 'utf8')) as Holder;
      if (processState(holder.pid) === 'running') return holder;
    } catch {
      // the file is not written yet
    }
    await sleep(10);
  }
  return undefined;
}

function unusable(folder: DataFolder, cause: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `The embedded database cannot lock ${folder.lockFile} (${(cause as Error).message}). Make the folder and this ` +
      `file writable for this user, or choose another data folder on a local disk, or ${OR_ANOTHER_DATABASE}.`,
    { cause },
  );
}
