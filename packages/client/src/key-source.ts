import { VerifierUnavailableError } from './errors.js';
import { errorOf, UnexpectedAnswer, type Emit } from './events.js';
import { fetchDocument, type Fetch } from './http.js';
import { KeySet, kidOf, type JwsType, type VerificationKey } from './jwks.js';
import { backoff, pause } from './timing.js';

/**
 * The shortest time between refreshes for unknown keys, in milliseconds: it bounds the requests that invented `kid`s
 * cause.
 */
const COOLDOWN_MS = 2000;
const DEFAULT_MAX_AGE = 300;
const MIN_MAX_AGE = 30;
const MAX_MAX_AGE = 3600;

/** Returns for how many milliseconds an answer is fresh (RFC 9111 5.2.2.1), within sensible bounds. */
export function freshnessOf(cacheControl: string | null): number {
  const maxAge = /(?:^|[\s,])max-age=(\d{1,9})/i.exec(cacheControl ?? '')?.[1];
  return Math.min(MAX_MAX_AGE, Math.max(MIN_MAX_AGE, Number(maxAge ?? DEFAULT_MAX_AGE))) * 1000;
}

/**
 * Fetches the issuer's keys before they are needed, and again when a token names a new one. The last good set stays in
 * use.
 */
export class KeySource {
  private set = new KeySet([]);
  private freshFor = 0;
  private flight: Promise<boolean> | null = null;
  private next: Promise<boolean> | null = null;
  private lastStart = -Infinity;
  private markLoaded: () => void;
  /** Resolves with the first keys. */
  readonly loaded = new Promise<void>((resolve) => (this.markLoaded = resolve));
  /** The error of the last refresh; null where it succeeded. */
  failure: Error | null = null;

  constructor(
    private readonly uri: string,
    private readonly fetch: Fetch,
    private readonly emit: Emit,
    private readonly closing: AbortSignal,
  ) {}

  get kids(): readonly string[] {
    return this.set.kids;
  }

  /** Tells whether the key is still published. */
  has(key: VerificationKey): boolean {
    return this.set.has(key);
  }

  find(type: JwsType, header: string): VerificationKey | undefined {
    return this.set.find(type, header);
  }

  /**
   * Returns the key that mints this header segment, also where it was published a moment ago. During the cooldown it
   * waits for the next refresh. Throws `VerifierUnavailableError` where the issuer cannot be reached.
   */
  async lookUp(type: JwsType, header: string): Promise<VerificationKey | undefined> {
    if (kidOf(type, header) === null) return undefined;
    if (this.flight) await this.flight;
    const known = this.find(type, header);
    if (known) return known;
    this.next ??= this.refreshAfterCooldown();
    if (await this.next) return this.find(type, header);
    throw new VerifierUnavailableError('The keys of the issuer cannot be fetched', { cause: this.failure });
  }

  /** Keeps the keys fresh until closed. Never rejects. */
  async keepFresh(): Promise<void> {
    let failures = 0;
    while (!this.closing.aborted) {
      failures = (await this.refresh({})) ? 0 : failures + 1;
      // The refresh comes early, and not from all verifiers at the same time.
      const delay = failures === 0 ? this.freshFor * (0.7 + 0.2 * Math.random()) : backoff(failures);
      await pause(delay, this.closing);
    }
  }

  private async refreshAfterCooldown(): Promise<boolean> {
    await pause(this.lastStart + COOLDOWN_MS - performance.now(), this.closing);
    // Calls from here on may need a later answer than this one.
    this.next = null;
    return this.refresh({ 'cache-control': 'no-cache' });
  }

  private refresh(headers: Record<string, string>): Promise<boolean> {
    this.flight ??= this.load(headers).finally(() => (this.flight = null));
    return this.flight;
  }

  private async load(headers: Record<string, string>): Promise<boolean> {
    this.lastStart = performance.now();
    try {
      const { status, headers: answered, body } = await fetchDocument(this.fetch, this.uri, headers, this.closing);
      if (status !== 200) throw new UnexpectedAnswer(this.uri, status);
      this.set = KeySet.of(JSON.parse(body.toString()), this.set);
      this.freshFor = freshnessOf(answered.get('cache-control'));
      this.failure = null;
      this.markLoaded();
      this.emit({ type: 'keys_refreshed', kids: this.set.kids });
      return true;
    } catch (thrown) {
      this.failure = errorOf(thrown);
      if (!this.closing.aborted) this.emit({ type: 'keys_failed', error: this.failure });
      return false;
    }
  }
}
