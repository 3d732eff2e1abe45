import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClusterBus } from '../../src/platform/events/cluster-bus.js';
import { TestApp } from '../support/create-app.js';
import { createDatabase } from '../support/database.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { soon } from './service-process.js';

describe('a network swallows the connection that listens', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let proxy: TcpProxy;
  let app: TestApp;
  beforeAll(async () => {
    database = await createDatabase();
    proxy = await TcpProxy.start(database.url);
    app = await TestApp.start({
      DATABASE_URL: database.url,
      DATABASE_DIRECT_URL: proxy.url,
      LOG_LEVEL: 'info',
    });
  });
  afterAll(async () => {
    await app.close();
    await proxy.stop();
    await database.drop();
  });

  it('is noticed and said, a new one listens, and all who listen catch up', async () => {
    let woken = 0;
    app.app.get(ClusterBus).on('test', () => Promise.resolve(void (woken += 1)));
    const notify = () => app.dataSource.query(`SELECT pg_notify('countersign', 'test')`);
    const isWoken = async (times: number) => soon(() => Promise.resolve(woken >= times));
    await notify();
    expect(await isWoken(1)).toBe(true);

    proxy.swallow();
    const said = (text: string) => soon(() => Promise.resolve(app.logLines.some((line) => line.includes(text))));
    expect(await said('the connection is silent')).toBe(true);
    expect(await said('are heard again')).toBe(true);
    expect(await isWoken(2)).toBe(true);
    const before = woken;
    await notify();
    expect(await isWoken(before + 1)).toBe(true);
  });
});
