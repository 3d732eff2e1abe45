import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { answers, checkout, query, Scene, userOf } from './service-process.js';

const NOBODY = 65534;
const IS_ROOT = process.getuid!() === 0;
// Only root has to change the account, and only root can set up these cases.
const ifRoot = IS_ROOT ? describe : (): void => undefined;

const scene = new Scene();
afterEach(() => scene.clear());
afterAll(() => scene.end());

describe('a data folder that cannot be used is refused with a sentence', () => {
  it('when a file lies in its way', async () => {
    const folder = scene.folder();
    writeFileSync(join(folder, 'file'), '');
    const sentence =
      /cannot write to .*(ENOTDIR|EEXIST).*Make that folder writable.*data folder.*a PostgreSQL of your own/;
    await expect(scene.service(join(folder, 'file')).failure()).resolves.toMatch(sentence);
    await expect(scene.service(join(folder, 'file/.data')).failure()).resolves.toMatch(sentence);
  });

  it('when it is not writable', async () => {
    const folder = scene.folder();
    chmodSync(folder, 0o555);
    const orders = IS_ROOT ? { uid: NOBODY } : {};
    await expect(scene.service(join(folder, '.data'), orders).failure()).resolves.toMatch(/cannot write to .*EACCES/);
    await expect(scene.service(folder, orders).failure()).resolves.toMatch(/cannot lock .*Make the folder.*writable/);
  });

  it('when it was written by another major version', async () => {
    const dataDirectory = await scene.usedFolder();
    writeFileSync(join(dataDirectory, 'postgres/cluster/PG_VERSION'), '17\n');
    await expect(scene.service(dataDirectory).failure()).resolves.toMatch(
      /was written by PostgreSQL 17; the embedded one is 18 and cannot read it\. Export it .*data folder.*a PostgreSQL of your own/,
    );
  });

  it('when something else lies in its place', async () => {
    const dataDirectory = scene.folder();
    mkdirSync(join(dataDirectory, 'postgres/photos'), { recursive: true });
    await expect(scene.service(dataDirectory).failure()).resolves.toMatch(/holds no database\. Move it away/);
    expect(existsSync(join(dataDirectory, 'postgres/photos'))).toBe(true);
  });

  it('when its password is lost, or is another one', async () => {
    const dataDirectory = await scene.usedFolder();
    const passwordFile = join(dataDirectory, 'postgres/password');
    const password = readFileSync(passwordFile, 'utf8');
    rmSync(passwordFile);
    await expect(scene.service(dataDirectory).failure()).resolves.toMatch(
      /password .* cannot be read.*Restore that file/,
    );
    writeFileSync(passwordFile, 'another', { mode: 0o600 });
    await expect(scene.service(dataDirectory).failure()).resolves.toMatch(/does not accept the password/);
    writeFileSync(passwordFile, password);
    await answers(scene.service(dataDirectory));
  });

  it('when PostgreSQL cannot read what is in it, as often as one tries', async () => {
    const dataDirectory = await scene.usedFolder();
    rmSync(join(dataDirectory, 'postgres/cluster/global/pg_control'));
    await expect(scene.service(dataDirectory).failure()).resolves.toMatch(/does not start: .*pg_control/s);
    await expect(scene.service(dataDirectory).failure()).resolves.toMatch(/does not start: .*pg_control/s);
  });
});

ifRoot('a data folder that root uses', () => {
  it('is used as the user to whom it belongs, who can start it afterwards', async () => {
    const folder = scene.folder();
    const { launcher } = checkout(folder);
    chmodSync(folder, 0o755);
    const home = scene.folder();
    chownSync(home, 1, 1);
    const dataDirectory = join(home, 'work', '.data');
    const [asRoot, { pid, url }] = await scene.running(dataDirectory, { launcher });
    expect(userOf(pid)).toBe(1);
    await query(url, 'CREATE TABLE things AS SELECT 1 AS id');
    await asRoot.stop();
    const [, { url: next }] = await scene.running(dataDirectory, { launcher, uid: 1 });
    await expect(query(next, 'SELECT id FROM things')).resolves.toEqual([{ id: 1 }]);
  });

  it('works again when a copy has given it to root and opened it, and is refused to another user', async () => {
    const dataDirectory = await scene.usedFolder();
    expect(statSync(join(dataDirectory, 'postgres/cluster')).uid).toBe(0);
    for (const path of ['postgres', 'postgres/cluster']) chmodSync(join(dataDirectory, path), 0o755);
    const [service, { pid }] = await scene.running(dataDirectory);
    expect(userOf(pid)).toBe(NOBODY);
    expect(statSync(join(dataDirectory, 'postgres')).mode & 0o777).toBe(0o700);
    await service.stop();
    chmodSync(dataDirectory, 0o777);
    chownSync(join(dataDirectory, 'postgres.lock'), 1, 1);
    await expect(scene.service(dataDirectory, { uid: 1 }).failure()).resolves.toMatch(
      /belongs to user 65534, and this is user 1\. Start the service as that user, or run "sudo chown -R 1 /,
    );
  });
});
