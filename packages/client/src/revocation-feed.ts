import { errorOf, UnexpectedAnswer, type Emit } from './events.js';
import { FeedConnection } from './feed-connection.js';
import { FeedReader } from './feed-reader.js';
import { fetchDocument, type Fetch } from './http.js';
import type { IssuerClock } from './issuer-clock.js';
import type { KeySource } from './key-source.js';
import type { RevocationState } from './revocation-state.js';
import { backoff, pause } from './timing.js';

export interface FeedSettings {
  readonly issuer: string;
  readonly streamUri: string;
  readonly snapshotUri: string;
  readonly feedToken?: () => string | Promise<string>;
  /** Seconds. */
  readonly maxStaleness: number;
  readonly fetch: Fetch;
}

/** `connected`: the stream is alive. `polling`: snapshots replace it. `lost`: neither. */
export type FeedStatus = 'connected' | 'polling' | 'lost';

const WATCH_MS = 1000;
/** The shortest pause before an attempt, in milliseconds, also where tokens show that the issuer is back. */
const SHORTEST_REST_MS = 1000;
/** The longest silence of a stream, in milliseconds. The issuer sends something at least every 5 s. */
const SILENCE_MS = 12_000;
/** How long a connection must have lasted so that the next one is made at once, in milliseconds. */
const STABLE_MS = 5000;
/** How long the stream may take to reconnect before snapshots replace it, in milliseconds. */
const PATIENCE_MS = 2000;
const MAX_DISAGREEMENT_SECONDS = 2;
const MAX_POLL_MS = 10_000;

/** Keeps state and clock current: it follows the stream, reconnects when it is lost, and polls snapshots meanwhile. */
export class RevocationFeed {
  private readonly reader: FeedReader;
  private connection: FeedConnection | null = null;
  private timer: NodeJS.Timeout | undefined;
  private rest = new AbortController();
  private triedAt = -Infinity;
  private lostAt = performance.now();
  private polledAt = -Infinity;
  private isPolling = false;
  private pollSucceeded = false;
  private etag: string | null = null;
  /** The last error of stream or snapshot; null where they work. */
  failure: Error | null = null;

  constructor(
    private readonly settings: FeedSettings,
    keys: KeySource,
    private readonly state: RevocationState,
    private readonly clock: IssuerClock,
    private readonly emit: Emit,
    private readonly closing: AbortSignal,
  ) {
    this.reader = new FeedReader(settings.issuer, keys, state, clock, emit);
  }

  /** Resolves with the first snapshot. */
  get loaded(): Promise<void> {
    return this.reader.loaded;
  }

  get lagSeconds(): number | null {
    return this.reader.lagSeconds;
  }

  get status(): FeedStatus {
    if (this.connection?.isOpen) return 'connected';
    return this.pollSucceeded ? 'polling' : 'lost';
  }

  /** Follows the feed until closed. Never rejects. */
  async keepFollowing(): Promise<void> {
    this.timer = setInterval(() => this.watch(), WATCH_MS).unref();
    this.closing.addEventListener('abort', () => this.connection?.cut(new Error('Closed')), { once: true });
    let failures = 0;
    while (!this.closing.aborted) {
      failures = (await this.follow()) ? 0 : failures + 1;
      // A stream that has failed to reconnect may take long; one that has just ended reconnects at once.
      if (failures > 0) void this.poll();
      this.rest = new AbortController();
      await pause(backoff(failures), AbortSignal.any([this.closing, this.rest.signal]));
    }
    clearInterval(this.timer);
  }

  /** Tries to reconnect at once: a token that was minted later than the known time shows that the issuer is back. */
  issuerSpokeAt(seconds: number): void {
    const isResting = this.connection === null && performance.now() - this.triedAt > SHORTEST_REST_MS;
    if (isResting && seconds > this.state.feedTime) this.rest.abort();
  }

  /** Follows one connection to its end, and tells whether it lasted long enough. */
  private async follow(): Promise<boolean> {
    const { settings } = this;
    const openedAt = performance.now();
    this.triedAt = openedAt;
    const connection = new FeedConnection(settings.fetch, this.reader, this.clock, () => this.opened());
    this.connection = connection;
    const error = await connection
      .follow(settings.streamUri, this.state.seq, () => this.authorization())
      .catch(errorOf);
    this.connection = null;
    if (connection.isOpen) this.lostAt = performance.now();
    if (!this.closing.aborted && (connection.isOpen || !this.failure)) this.emit({ type: 'feed_lost', error });
    this.failure = error;
    return connection.isOpen && performance.now() - openedAt >= STABLE_MS;
  }

  private opened(): void {
    this.pollSucceeded = false;
    this.failure = null;
    this.emit({ type: 'feed_connected', seq: this.state.seq });
  }

  private watch(): void {
    const { connection } = this;
    if (connection && performance.now() - connection.heardAt > SILENCE_MS) {
      connection.cut(new Error('The revocation feed is silent'));
    } else if (connection?.isOpen && this.clock.disagreement > MAX_DISAGREEMENT_SECONDS) {
      // A clock was set, or the machine slept: the issuer has to state its time again.
      connection.cut(new Error('The clocks of this machine disagree'));
    }
    if (!connection?.isOpen && performance.now() - this.lostAt > PATIENCE_MS) void this.poll();
  }

  /** Requests a snapshot, where the last one is not too recent. Never rejects. */
  private async poll(): Promise<void> {
    const pace = Math.min(MAX_POLL_MS, (this.settings.maxStaleness * 1000) / 4);
    if (this.isPolling || performance.now() - this.polledAt < pace || this.closing.aborted) return;
    this.isPolling = true;
    this.polledAt = performance.now();
    try {
      await this.readSnapshot();
      this.pollSucceeded = true;
    } catch (thrown) {
      this.pollSucceeded = false;
      this.failure = errorOf(thrown);
      if (!this.closing.aborted) this.emit({ type: 'poll_failed', error: this.failure });
    } finally {
      this.isPolling = false;
    }
  }

  private async readSnapshot(): Promise<void> {
    const { fetch, snapshotUri } = this.settings;
    // The known state may be less than the snapshot that was read: then "unchanged" would not help.
    const condition: Record<string, string> = this.etag && this.state.seq >= 0 ? { 'if-none-match': this.etag } : {};
    const headers = { ...(await this.authorization()), ...condition, accept: 'application/jose' };
    const { status, headers: answered, body } = await fetchDocument(fetch, snapshotUri, headers, this.closing);
    if (status === 304) return;
    if (status !== 200) throw new UnexpectedAnswer(snapshotUri, status);
    await this.reader.snapshot(body.toString('latin1').trim());
    this.etag = answered.get('etag');
  }

  private async authorization(): Promise<Record<string, string>> {
    const { feedToken } = this.settings;
    return feedToken ? { authorization: `Bearer ${await feedToken()}` } : {};
  }
}
