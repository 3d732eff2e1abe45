import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../system/support/processes.js';
import { Deployment } from './support/deployment.js';
import { GRACE, Line, optionsFor, S } from './support/line.js';
import { Storm } from './support/storm.js';
import { StaleCache } from './support/stale-cache.js';
import { monotonic, Verifiers } from './support/verifiers.js';

const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function start(): Promise<Deployment> {
  const deployment = await Deployment.start();
  endings.push(() => deployment.stop());
  return deployment;
}

async function open(...[deployment, options]: Parameters<typeof Line.open>): Promise<Line> {
  const line = await Line.open(deployment, options);
  endings.push(() => line.abandon());
  return line;
}

const both = [0, 1];

describe('the issuer is down', () => {
  it('nothing is accepted that it cannot vouch for, and everything is well when it is back', async () => {
    const deployment = await start();
    const alone = await open(deployment);
    const [told, untold] = [await alone.watchedToken(), await alone.watchedToken()];
    const revoked = (await deployment.signUp()).access_token;
    const cache = await StaleCache.start(deployment.instance(0).url);
    endings.push(() => cache.stop());
    const cached = await open(deployment, { options: { snapshotUri: `${cache.url}/revocations/snapshot` } });
    await cached.verifiers.tell('watch', untold);
    for (const token of [told, revoked]) await deployment.signOut(token);
    await alone.outcome(told, 'token_revoked');
    const [{ seq }] = (await deployment.sql('SELECT seq::int FROM revocation_head')) as [{ seq: number }];
    // The service signs a snapshot once a second at most.
    await until('the snapshot in the cache has both', async () => {
      await cache.refill();
      return cache.seq >= seq;
    });
    for (const { proxy } of [alone, cached]) proxy.freeze();
    const downAt = await deployment.signOut(untold, 1);
    await Promise.all(both.map((index) => deployment.instance(index).kill()));
    for (const { proxy } of [alone, cached]) {
      // Data in the frozen connections must not arrive after all.
      proxy.reset();
      proxy.thaw();
    }

    const late = new Verifiers();
    endings.push(() => late.stop());
    const { jwksUri, snapshotUri } = optionsFor(cache.url);
    const options = optionsFor(alone.proxy.url);
    expect(await late.tell('create', { ...options, jwksUri, snapshotUri })).not.toBeNull();
    expect(await late.tell('tryOut', revoked)).toEqual(['token_revoked']);
    expect(await late.tell('tryOut', alone.living.token)).toEqual(['accepted']);
    await alone.status('lost');
    await cached.status('polling');
    expect(await late.tell('create', { ...options, readyTimeout: 2_000 })).toBeNull();

    for (const line of [alone, cached]) {
      await line.outcome(untold, 'token_stale');
      expect(await line.acceptedFor(untold, downAt)).toBeLessThan(S + GRACE);
      const silence = (monotonic() - downAt) / 1000;
      for (const { stalenessSeconds } of await line.metrics())
        expect(stalenessSeconds).toBeGreaterThan(silence - GRACE);
    }
    await alone.outcome(told, 'token_revoked');
    await alone.outcome(alone.living.token, 'token_stale');
    await until('the late one gives up too', async () => {
      return (await late.tell('tryOut', alone.living.token))[0] === 'token_stale';
    });

    await Promise.all(both.map((index) => deployment.startInstance(index)));
    for (const line of [alone, cached]) {
      await line.status('connected');
      await line.outcome(untold, 'token_revoked');
      await line.living.comes(5);
      await line.close();
    }
  });
});

describe('an instance is killed in the middle of appends', () => {
  it('every logout that was acknowledged is refused by all verifiers, and the log has no gaps', async () => {
    const deployment = await start();
    const lines = await Promise.all(both.map((instance) => open(deployment, { instance })));
    const storm = new Storm(deployment);
    for (let round = 0; round < 2; round += 1) {
      await storm.gather(40);
      const storming = storm.signEverybodyOut();
      await until('some are signed out', () => storm.acknowledged.length > 40 * round + 8);
      await deployment.instance(1).kill();
      await storming;
      await deployment.startInstance(1);
    }
    expect(storm.interrupted.length).toBeGreaterThan(0);
    expect(storm.acknowledged.length).toBeGreaterThan(40);
    await storm.expectTruth(lines.map(({ verifiers }) => verifiers));
    for (const line of lines) await line.close();
  });
});
