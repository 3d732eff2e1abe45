import { chownSync, lstatSync, mkdirSync, readdirSync, statSync, type Stats } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { codeOf, EmbeddedPostgresError, OR_ANOTHER_DATABASE } from './embedded-error.js';

/** The paths below the data directory. */
export interface DataFolder {
  /** The data directory itself, absolute. */
  readonly directory: string;
  readonly lockFile: string;
  /** The file that names the process with the lock. */
  readonly holderFile: string;
  /** The folder of cluster and password, so that one rename creates both. */
  readonly home: string;
  /** The data directory of PostgreSQL. */
  readonly cluster: string;
  readonly passwordFile: string;
}

const STAGING = 'postgres.new-';

export function dataFolderAt(dataDirectory: string): DataFolder {
  const directory = resolve(dataDirectory);
  return {
    directory,
    lockFile: join(directory, 'postgres.lock'),
    holderFile: join(directory, 'postgres.holder.json'),
    ...homeAt(join(directory, 'postgres')),
  };
}

/** Returns the same layout in a folder of its own, which `initdb` fills before it is renamed. */
export function stagingHome(folder: DataFolder, unique: string): Pick<DataFolder, 'home' | 'cluster' | 'passwordFile'> {
  return homeAt(join(folder.directory, STAGING + unique));
}

function homeAt(home: string): Pick<DataFolder, 'home' | 'cluster' | 'passwordFile'> {
  return { home, cluster: join(home, 'cluster'), passwordFile: join(home, 'password') };
}

/** Creates the data directory where it is missing. @throws EmbeddedPostgresError when that is impossible */
export function createDataDirectory(folder: DataFolder): void {
  try {
    const parent = nearestExisting(folder.directory);
    // The PostgreSQL of root runs under another account, which must be able to pass through.
    const asRoot = process.geteuid?.() === 0;
    const first = mkdirSync(folder.directory, { recursive: true, mode: asRoot ? 0o711 : 0o700 });
    // After `sudo npm start` the folder still belongs to the owner of the checkout.
    if (asRoot && first && parent.uid !== 0) chownUpTo(first, folder.directory, parent);
  } catch (error) {
    throw notWritable(folder, error);
  }
}

function nearestExisting(path: string): Stats {
  for (let folder = path; ; folder = dirname(folder)) {
    const stats = statSync(folder, { throwIfNoEntry: false });
    if (stats || folder === dirname(folder)) return stats ?? statSync(folder);
  }
}

function chownUpTo(first: string, last: string, owner: Stats): void {
  for (let folder = last; folder.length >= first.length; folder = dirname(folder)) {
    chownSync(folder, owner.uid, owner.gid);
  }
}

/** Tells whether a cluster exists. @throws EmbeddedPostgresError where something else lies in its place */
export function hasCluster(folder: DataFolder): boolean {
  if (lstatSync(join(folder.cluster, 'PG_VERSION'), { throwIfNoEntry: false })) return true;
  const home = lstatSync(folder.home, { throwIfNoEntry: false });
  if (!home || (home.isDirectory() && readdirSync(folder.home).length === 0)) return false;
  throw new EmbeddedPostgresError(
    `${folder.home} exists but holds no database. Move it away, or choose another data folder, or ${OR_ANOTHER_DATABASE}.`,
  );
}

/**
 * Removes the files of an interrupted `initdb`. The caller has the lock. An `initdb` that outlived its service may
 * still be writing there; then a later start removes the rest.
 */
export async function removeLeftovers(folder: DataFolder): Promise<void> {
  const names = readdirSync(folder.directory).filter((name) => name.startsWith(STAGING));
  for (const name of names) {
    await rm(join(folder.directory, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Makes the error for a folder that refuses a write. */
export function notWritable(folder: DataFolder, cause: unknown): EmbeddedPostgresError {
  const code = codeOf(cause);
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new EmbeddedPostgresError(
    `The embedded database cannot write to ${folder.directory} (${code ?? String(cause)}). ` +
      (full ? 'Free some disk space' : 'Make that folder writable for this user') +
      `, or choose another data folder, or ${OR_ANOTHER_DATABASE}.`,
    { cause },
  );
}
