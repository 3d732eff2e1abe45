import {
  chownSync,
  lchownSync,
  lstatSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  type Stats,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { DataFolder } from './data-folder.js';
import { EmbeddedPostgresError, OR_ANOTHER_DATABASE } from './embedded-error.js';

/** A user of the system, and its group. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

// The overflow uid of Linux, which is `nobody` on every distribution.
const NOBODY: Account = { uid: 65534, gid: 65534 };

/**
 * Returns the account that PostgreSQL runs under. It refuses to run as root, so root starts it as the owner of its
 * data, else as `nobody`. Undefined for every other user, who starts it under the user's own account.
 */
export function serverAccount(folder: DataFolder): Account | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  const home = lstatSync(folder.home, { throwIfNoEntry: false });
  if (home && home.uid !== 0) return { uid: home.uid, gid: home.gid };
  const known = readAccounts();
  // `initdb` requires the name of its user, so an id without a name cannot be used for new data.
  const owner = known.find(({ uid }) => uid === statSync(folder.directory).uid);
  if (owner && owner.uid !== 0) return owner;
  return known.find(({ name }) => name === 'nobody') ?? NOBODY;
}

function readAccounts(): (Account & { name: string })[] {
  try {
    return readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .filter((fields) => fields.length >= 4)
      .map(([name, , uid, gid]) => ({ name: name!, uid: unsigned(uid!), gid: unsigned(gid!) }));
  } catch {
    return [];
  }
}

// macOS writes nobody's uid as -2.
function unsigned(id: string): number {
  return Number(id) >>> 0;
}

/** Returns the options of `spawn` for a process under this account. */
export function identity(account: Account | undefined): { uid?: number; gid?: number } {
  return account ? { uid: account.uid | 0, gid: account.gid | 0 } : {};
}

/**
 * Tells whether the account can reach and enter (or execute) `path`, by the permission bits of every folder above it.
 */
export function canReach(account: Account, path: string): boolean {
  for (let step = realpathSync(path); ; step = dirname(step)) {
    if (!mayExecute(account, statSync(step))) return false;
    if (step === dirname(step)) return true;
  }
}

function mayExecute({ uid, gid }: Account, stats: Stats): boolean {
  if (stats.uid === uid) return (stats.mode & 0o100) !== 0;
  if (stats.gid === gid) return (stats.mode & 0o010) !== 0;
  return (stats.mode & 0o001) !== 0;
}

/** Gives a folder and everything in it to the account. */
export function giveTo({ uid, gid }: Account, folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    lchownSync(join(entry.parentPath, entry.name), uid, gid);
  }
  chownSync(folder, uid, gid);
}

/** The path of the cluster, as a process gets it. */
export interface ClusterPath {
  readonly cwd: string;
  /** The value of `-D`. */
  readonly path: string;
}

/**
 * Returns the path of a cluster that the account can open. Below a folder that the account may not enter (a checkout in
 * /root), PostgreSQL would fail on the full path. The kernel enters the working folder before it changes the user, and
 * /proc/self/cwd leads there without passing the folders above. That works in every process of the server, because each
 * has the cluster's folder as its working folder.
 */
export function clusterPath(cluster: string, account: Account | undefined): ClusterPath {
  if (!account || canReach(account, cluster)) return { cwd: cluster, path: cluster };
  if (process.platform === 'linux') return { cwd: cluster, path: '/proc/self/cwd' };
  throw new EmbeddedPostgresError(
    `PostgreSQL does not run as root, and user ${account.uid} cannot enter ${cluster}. Start the service as a user ` +
      `other than root, or choose a data folder that this user can enter, or ${OR_ANOTHER_DATABASE}.`,
  );
}
