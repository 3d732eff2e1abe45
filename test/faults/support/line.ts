import { expect } from 'vitest';
import type { VerifierMetrics, VerifierOptions } from '../../../packages/client/src/index.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { until } from '../../system/support/processes.js';
import { ISSUER, type Deployment } from './deployment.js';
import { LivingClient } from './living-client.js';
import { Verifiers, type Outcome, type Burden } from './verifiers.js';

/** `maxStaleness` of all verifiers here, in seconds: little more than the 5 s between two heartbeats. */
export const S = 8;
/** The time that a busy machine may add to any measured one, in seconds. */
export const GRACE = 1;
const STREAM = '/revocations/stream';
const MEGABYTE = 1024 * 1024;

/** Returns the options of a verifier for an instance of the service at this address. */
export function optionsFor(address: string, options: Partial<VerifierOptions> = {}): VerifierOptions {
  const at = (path: string) => new URL(path, address).href;
  return {
    issuer: ISSUER,
    audience: 'api',
    maxStaleness: S,
    jwksUri: at('/.well-known/jwks.json'),
    streamUri: at('/revocations/stream'),
    snapshotUri: at('/revocations/snapshot'),
    ...options,
  };
}

interface LineOptions {
  instance?: number;
  options?: Partial<VerifierOptions>;
  /** The seconds by which the clock of the verifiers is wrong. */
  wallClock?: number;
}

/** Two verifiers with a connection of their own to an instance, and a client that stays signed in. */
export class Line {
  private before: Burden;

  private constructor(
    private readonly deployment: Deployment,
    readonly proxy: TcpProxy,
    readonly verifiers: Verifiers,
    readonly living: LivingClient,
  ) {}

  static async open(
    deployment: Deployment,
    { instance = 0, options = {}, wallClock = 0 }: LineOptions = {},
  ): Promise<Line> {
    const proxy = await TcpProxy.start(deployment.instance(instance).url);
    const verifiers = new Verifiers();
    await verifiers.tell('setWallClock', wallClock);
    for (let count = 0; count < 2; count += 1) {
      const startedIn = await verifiers.tell('create', optionsFor(proxy.url, options));
      if (startedIn === null) throw new Error('A verifier is not ready');
    }
    const living = new LivingClient(deployment, verifiers, await deployment.signUp(instance), instance);
    const line = new Line(deployment, proxy, verifiers, living);
    line.before = await verifiers.tell('burden');
    return line;
  }

  /** Returns a new token that the verifiers accept, and try from now on. */
  async watchedToken(instance = 0): Promise<string> {
    const { access_token: token } = await this.deployment.signUp(instance);
    await this.verifiers.tell('watch', token);
    expect(await this.verifiers.tell('tryOut', token)).toEqual(['accepted', 'accepted']);
    return token;
  }

  /** The longest time, in seconds from `since`, for which a verifier has accepted the token. */
  async acceptedFor(token: string, since: number): Promise<number> {
    return Math.max(...(await this.verifiers.acceptedFor(token, since))) / 1000;
  }

  /** Waits until this is the outcome of a token in all verifiers. */
  async outcome(token: string, outcome: Outcome): Promise<void> {
    await until(`every verifier says ${outcome}`, async () => {
      return (await this.verifiers.tell('tryOut', token)).every((one) => one === outcome);
    });
  }

  /** Returns the outcomes of a watched token in each verifier, in their order, without repetitions. */
  async outcomesOf(token: string): Promise<Outcome[][]> {
    const timelines = await this.verifiers.tell('watched', token);
    return timelines.map((timeline) => timeline.map(({ outcome }) => outcome));
  }

  /** Calls `change`, and waits until both verifiers have requested the stream anew, `times` times. */
  async reconnected(change: () => unknown, times = 1): Promise<void> {
    const before = this.proxy.requestsOf(STREAM);
    await change();
    await until('both verifiers come again', () => this.proxy.requestsOf(STREAM) >= before + 2 * times);
  }

  /** Waits until another event of the stream has been recorded. */
  async recordedMore(): Promise<void> {
    const before = this.proxy.recorded(STREAM);
    await until('another event is recorded', () => this.proxy.recorded(STREAM) > before);
  }

  /** Waits until the verifiers have got old answers or events so many more times. */
  async replayed(times: number): Promise<void> {
    const before = this.proxy.replays;
    await until('old events are sent again', () => this.proxy.replays >= before + times);
  }

  metrics(): Promise<VerifierMetrics[]> {
    return this.verifiers.tell('metrics');
  }

  /** Waits until the feed of all verifiers has this status. */
  async status(feed: VerifierMetrics['feed']): Promise<void> {
    await until(`every feed is ${feed}`, async () => (await this.metrics()).every((one) => one.feed === feed));
  }

  /** Checks the promises that hold after every fault, and closes the line. */
  async close(): Promise<void> {
    await this.living.end();
    expect(this.living.refusedAfterRefresh).toEqual([]);
    let after = this.before;
    await until('the timers and sockets of the fault are gone', async () => {
      after = await this.verifiers.tell('burden');
      return after.resources - this.before.resources < 6;
    });
    expect((after.heapUsed - this.before.heapUsed) / MEGABYTE).toBeLessThan(4);
    expect((after.rss - this.before.rss) / MEGABYTE).toBeLessThan(40);
    await this.abandon();
  }

  async abandon(): Promise<void> {
    await this.living.end().catch(() => undefined);
    await this.verifiers.stop();
    await this.proxy.stop();
  }
}
