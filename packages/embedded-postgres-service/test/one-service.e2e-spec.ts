import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { startEmbeddedPostgres } from '../src/index.js';
import { isRunning, query, Scene } from './service-process.js';

describe('two services on one data folder', () => {
  const scene = new Scene();
  afterEach(() => scene.clear());
  afterAll(() => scene.end());

  it('refuses the second, says who holds the folder, and leaves the first alone', async () => {
    const dataDirectory = await scene.usedFolder();
    const [first, { url, pid }] = await scene.running(dataDirectory);
    const message = await scene.service(dataDirectory).failure();
    expect(message).toMatch(
      new RegExp(
        `^EmbeddedPostgresError: The embedded database in ${dataDirectory} is in use by process ${first.pid} ` +
          String.raw`\(started \d{4}-\d\d-\d\dT[\d:.]+Z\)\. Stop it, or choose another data folder, or use a PostgreSQL of your own\.$`,
      ),
    );
    await expect(query(url, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
    expect(isRunning(pid)).toBe(true);
    await first.stop();
    await scene.running(dataDirectory);
  });

  it('refuses a second start in the same process too', async () => {
    const options = { dataDirectory: await scene.usedFolder(), database: 'countersign', role: 'countersign' };
    const first = await startEmbeddedPostgres(options);
    try {
      await expect(startEmbeddedPostgres(options)).rejects.toThrow(`in use by process ${process.pid} `);
      await expect(startEmbeddedPostgres(options)).rejects.toThrow(`in use by process ${process.pid} `);
    } finally {
      await first.stop();
    }
    await (await startEmbeddedPostgres(options)).stop();
  });

  it('lets exactly one of six win that start at the same moment, and again after it was killed', async () => {
    const dataDirectory = join(scene.folder(), '.data');
    for (let round = 0; round < 3; round += 1) {
      const services = Array.from({ length: 6 }, () => scene.service(dataDirectory));
      const started = await Promise.all(services.map((service) => service.started()));
      expect(started.filter(Boolean)).toHaveLength(1);
      const winner = services[started.indexOf(true)]!;
      for (const loser of services.filter((service) => service !== winner)) {
        await expect(loser.failure()).resolves.toContain(`in use by process ${winner.pid} `);
      }
      await winner.kill();
    }
  });

  it('takes the folder from a holder that is a zombie', async () => {
    const dataDirectory = await scene.usedFolder();
    const first = scene.service(dataDirectory, {}, { parentForgets: true });
    await first.next('ready');
    const { pid } = first;
    await first.kill();
    expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^State:\s+Z/m);
    expect(readFileSync(join(dataDirectory, 'postgres.holder.json'), 'utf8')).toContain(`"pid":${pid},`);
    await scene.running(dataDirectory);
  });
});
