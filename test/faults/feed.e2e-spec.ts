import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { fingerprintOf } from '../support/feed-reader.js';
import { letPass, until } from '../system/support/processes.js';
import { Deployment } from './support/deployment.js';
import { GRACE, Line, S } from './support/line.js';
import { StaleCache } from './support/stale-cache.js';
import { monotonic } from './support/verifiers.js';

/** Seconds between heartbeats, and how old what an instance has read may be. */
const HEARTBEAT = 5 + 1;
/** A request that hangs makes the clock of the verifier run ahead for as long as it hung: 12 s at most. */
const LONGER_S = 15;

let deployment: Deployment;
beforeAll(async () => void (deployment = await Deployment.start()));
afterAll(() => deployment.stop());

type Options = Parameters<typeof Line.open>[1];

/** Plays a scenario on a line of its own. What holds after every fault is checked at its end. */
function onLine(play: (line: Line) => Promise<void>, options?: Options) {
  return async ({ onTestFinished }: TestContext): Promise<void> => {
    const line = await Line.open(deployment, options);
    onTestFinished(() => line.abandon());
    await play(line);
    await line.close();
  };
}

/** Tells whether a piece of the stream has a frame that revokes the session of a token. */
function revokes(piece: Buffer, token: string): boolean {
  const frames = Array.from(piece.toString('latin1').matchAll(/^data:[^.]+\.([^.]+)/gm), ([, payload]) =>
    Buffer.from(payload!, 'base64url').toString(),
  );
  return frames.some((frame) => frame.includes(fingerprintOf(token)));
}

/** Seconds since a moment. */
const since = (moment: number): number => (monotonic() - moment) / 1000;

/** The age that every verifier states for its knowledge lies in this range. */
async function expectStaleness(line: Line, least: number, most: number): Promise<void> {
  for (const { stalenessSeconds } of await line.metrics()) {
    expect(stalenessSeconds).toBeGreaterThanOrEqual(least);
    expect(stalenessSeconds).toBeLessThanOrEqual(most);
  }
}

describe.concurrent('between verifiers and the issuer', () => {
  it.concurrent(
    'the line is cut, and connections are refused',
    onLine(async (line) => {
      const token = await line.watchedToken();
      await line.proxy.cut();
      const cutAt = monotonic();
      const revokedAt = await deployment.signOut(token);
      await line.status('lost');
      await line.outcome(token, 'token_stale');
      expect(await line.acceptedFor(token, revokedAt)).toBeLessThan(S + GRACE);
      await expectStaleness(line, since(cutAt) - GRACE, since(cutAt) + HEARTBEAT + GRACE);
      await until('the living client is refused', () => line.living.refusals > 0);
      await line.proxy.mend();
      await line.status('connected');
      await line.outcome(token, 'token_revoked');
      await expectStaleness(line, 0, HEARTBEAT + GRACE);
      expect(await line.acceptedFor(token, revokedAt)).toBeLessThan(S + GRACE);
    }),
  );

  it.concurrent(
    'the line is frozen: connections stay, and nothing passes',
    onLine(
      async (line) => {
        const token = await line.watchedToken();
        line.proxy.freeze();
        const frozenAt = monotonic();
        const revokedAt = await deployment.signOut(token);
        // Silence for two heartbeats and a little more.
        await line.status('lost');
        await line.outcome(token, 'token_stale');
        expect(await line.acceptedFor(token, revokedAt)).toBeLessThan(LONGER_S + GRACE);
        await expectStaleness(line, since(frozenAt) - GRACE, since(frozenAt) + HEARTBEAT + GRACE);
        line.proxy.thaw();
        await line.status('connected');
        await line.outcome(token, 'token_revoked');
      },
      { options: { maxStaleness: LONGER_S } },
    ),
  );

  it.concurrent(
    'a verifier that comes back gets an old stream and an old snapshot',
    onLine(async (line) => {
      line.proxy.record();
      await line.reconnected(() => line.proxy.reset());
      await line.status('connected');
      await fetch(new URL('/revocations/snapshot', line.proxy.url));
      const token = await line.watchedToken();
      await line.recordedMore();
      line.proxy.replay();
      line.proxy.reset();
      const replayedAt = monotonic();
      const revokedAt = await deployment.signOut(token);
      await line.outcome(token, 'token_stale');
      expect((await line.metrics()).map(({ feed }) => feed)).not.toContain('connected');
      await expectStaleness(line, since(replayedAt) - GRACE, since(replayedAt) + HEARTBEAT + GRACE);
      await line.replayed(4);
      expect(await line.acceptedFor(token, revokedAt)).toBeLessThan(S + GRACE);
      line.proxy.stopReplaying();
      line.proxy.reset();
      await line.status('connected');
      await line.outcome(token, 'token_revoked');
    }),
  );

  it.concurrent(
    'old heartbeats keep coming on a connection that stays open',
    onLine(async (line) => {
      line.proxy.record();
      await line.reconnected(() => line.proxy.reset());
      await line.status('connected');
      const token = await line.watchedToken();
      await line.recordedMore();
      line.proxy.replay();
      const replayedAt = monotonic();
      const revokedAt = await deployment.signOut(token);
      await line.outcome(token, 'token_stale');
      await expectStaleness(line, since(replayedAt) - GRACE, since(replayedAt) + HEARTBEAT + GRACE);
      await line.replayed(4);
      expect(await line.acceptedFor(token, revokedAt)).toBeLessThan(S + GRACE);
      line.proxy.stopReplaying();
      line.proxy.reset();
      await line.outcome(token, 'token_revoked');
    }),
  );

  it.concurrent(
    'everything arrives 3 seconds late',
    onLine(async (line) => {
      line.proxy.delay(3_000);
      const token = await line.watchedToken();
      const revokedAt = await deployment.signOut(token);
      await line.outcome(token, 'token_revoked');
      expect(await line.acceptedFor(token, revokedAt)).toBeLessThan(3 + GRACE);
      for (const { lagSeconds, feed } of await line.metrics()) {
        expect(feed).toBe('connected');
        expect(lagSeconds).toBeGreaterThan(2.9);
        expect(lagSeconds).toBeLessThan(3 + 1 + GRACE);
      }
      // Also where the connection is made under the delay.
      await line.reconnected(() => line.proxy.reset());
      await line.status('connected');
      await expectStaleness(line, 2.9, 3 + HEARTBEAT + GRACE);
    }),
  );

  it.concurrent(
    'a frame is lost on the way: the next one shows the gap',
    onLine(async (line) => {
      const [missed, seen] = [await line.watchedToken(), await line.watchedToken()];
      let lost = 0;
      line.proxy.lose((piece) => {
        if (revokes(piece, missed)) lost += 1;
        return true;
      });
      const revokedAt = await deployment.signOut(missed);
      await until('the frame is lost to both verifiers', () => lost === 2);
      line.proxy.lose(() => false);
      await deployment.signOut(seen);
      await line.outcome(seen, 'token_revoked');
      await line.outcome(missed, 'token_revoked');
      expect(await line.acceptedFor(missed, revokedAt)).toBeLessThan(S + GRACE);
      // The gap is the reason, and not the age of what the verifiers know.
      for (const token of [missed, seen]) {
        for (const outcomes of await line.outcomesOf(token)) expect(outcomes).toEqual(['accepted', 'token_revoked']);
      }
    }),
  );

  it.concurrent('a cache serves an old snapshot while the stream is away', async ({ onTestFinished }) => {
    const cache = await StaleCache.start(deployment.instance(0).url);
    onTestFinished(() => cache.stop());
    const line = await Line.open(deployment, { options: { snapshotUri: `${cache.url}/revocations/snapshot` } });
    onTestFinished(() => line.abandon());
    const [known, unknown] = [await line.watchedToken(), await line.watchedToken()];
    await deployment.signOut(known);
    await line.outcome(known, 'token_revoked');
    // The snapshot in the cache grows older than a verifier may rely on.
    await letPass(S);
    await line.proxy.cut();
    const cutAt = monotonic();
    const revokedAt = await deployment.signOut(unknown);
    await line.status('polling');
    // Revocations that the old snapshot lacks stay known, and its time does not count.
    expect(await line.verifiers.tell('tryOut', known)).toEqual(['token_revoked', 'token_revoked']);
    await expectStaleness(line, since(cutAt) - GRACE, since(cutAt) + HEARTBEAT + GRACE);
    await line.outcome(unknown, 'token_stale');
    expect(await line.verifiers.tell('tryOut', known)).toEqual(['token_revoked', 'token_revoked']);
    await line.proxy.mend();
    await line.outcome(unknown, 'token_revoked');
    expect(await line.acceptedFor(unknown, revokedAt)).toBeLessThan(S + GRACE);
    await line.close();
  });

  for (const wallClock of [-300, 300]) {
    it.concurrent(
      `the clock of the verifiers is ${wallClock} s off`,
      onLine(
        async (line) => {
          const token = await line.watchedToken();
          await line.living.comes(20);
          expect(line.living.refusals).toBe(0);
          await expectStaleness(line, 0, HEARTBEAT + GRACE);
          await line.proxy.cut();
          const revokedAt = await deployment.signOut(token);
          await line.outcome(token, 'token_stale');
          expect(await line.acceptedFor(token, revokedAt)).toBeLessThan(S + GRACE);
        },
        { wallClock },
      ),
    );

    it.concurrent(
      `the clock of the verifiers is set by ${wallClock} s`,
      onLine(async (line) => {
        // The verifiers notice the change, and then the issuer states its time again.
        await line.reconnected(() => line.verifiers.tell('setWallClock', wallClock));
        await line.status('connected');
        await line.living.comes(2);
        line.living.forgive();
        const { refusals } = line.living;
        await expectStaleness(line, 0, HEARTBEAT + GRACE);
        await line.living.comes(20);
        expect(line.living.refusals).toBe(refusals);
      }),
    );
  }

  it.concurrent(
    'the clock of the verifiers is set back while the line is cut',
    onLine(async (line) => {
      const token = await line.watchedToken();
      await line.proxy.cut();
      const revokedAt = await deployment.signOut(token);
      await line.status('lost');
      await line.verifiers.tell('setWallClock', -300);
      await line.outcome(token, 'token_stale');
      expect(await line.acceptedFor(token, revokedAt)).toBeLessThan(S + GRACE);
      await line.proxy.mend();
      await line.outcome(token, 'token_revoked');
    }),
  );
});
