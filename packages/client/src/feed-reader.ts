import type { Emit } from './events.js';
import { decodeFrame, decodeHello, decodeSnapshot, type Revocations } from './feed-frame.js';
import type { IssuerClock, Moment } from './issuer-clock.js';
import type { JwsType } from './jwks.js';
import type { KeySource } from './key-source.js';
import type { RevocationState } from './revocation-state.js';
import { isSignedBy } from './signature.js';

/** Reads signed events into state and clock. Throws where an event is not signed, or not of the expected form. */
export class FeedReader {
  private markLoaded: () => void;
  /** Resolves with the first snapshot. */
  readonly loaded = new Promise<void>((resolve) => (this.markLoaded = resolve));
  /** The greatest possible age of the last event when it was read, in seconds. */
  lagSeconds: number | null = null;

  constructor(
    private readonly issuer: string,
    private readonly keys: KeySource,
    private readonly state: RevocationState,
    private readonly clock: IssuerClock,
    private readonly emit: Emit,
  ) {}

  /**
   * Reads the first event of a stream, which sets the clock. Where its `seq` is not known yet, the next events lead to
   * it.
   */
  async hello(jws: string, nonce: string, sentAt: Moment): Promise<void> {
    const hello = decodeHello(await this.payloadOf(jws, 'rev+jwt'));
    if (hello.nonce !== nonce) throw new Error('The revocation feed greets with the nonce of another connection');
    this.clock.set(hello.now, sentAt);
    this.learn(hello);
  }

  /**
   * Reads a frame with new revocations. Throws where earlier frames are missing, so that a snapshot has to be
   * requested.
   */
  async frame(jws: string): Promise<void> {
    if (this.learn(decodeFrame(await this.payloadOf(jws, 'rev+jwt')))) return;
    this.state.forgetSeq();
    throw new Error('The revocation feed has a gap');
  }

  /** Reads a snapshot that was polled, which may be older than the known state. */
  async snapshot(jws: string): Promise<void> {
    this.learn(await this.decodedSnapshot(jws));
  }

  /**
   * Reads a snapshot at the begin of a stream: its numbers count from here on, also where they are lower than before.
   */
  async restart(jws: string): Promise<void> {
    const snapshot = await this.decodedSnapshot(jws);
    this.state.forgetSeq();
    this.learn(snapshot);
  }

  private learn(news: Revocations): boolean {
    if (!this.state.apply(news)) return false;
    this.clock.atLeast(news.feedTime);
    this.lagSeconds = Math.max(0, this.clock.now() - news.feedTime);
    this.markLoaded();
    if (news.seq > news.after) this.emit({ type: 'feed_applied', seq: news.seq, lagSeconds: this.lagSeconds });
    return true;
  }

  private async decodedSnapshot(jws: string): Promise<Revocations> {
    return decodeSnapshot(await this.payloadOf(jws, 'rev-snapshot+jwt'), this.issuer);
  }

  private async payloadOf(jws: string, type: JwsType): Promise<Buffer> {
    const [header, payload, signature, ...more] = jws.split('.') as [string, string?, string?, ...string[]];
    if (payload === undefined || signature === undefined || more.length > 0) throw new Error('Not a JWS');
    await this.keys.loaded;
    const key = this.keys.find(type, header) ?? (await this.keys.lookUp(type, header));
    // A leaked key must not sign for the issuer.
    const isTrusted = key && !this.state.isKeyRevoked(key.kid);
    if (!isTrusted || !isSignedBy(key, `${header}.${payload}`, signature)) {
      throw new Error('The revocation feed is not signed by a key of the issuer');
    }
    return Buffer.from(payload, 'base64url');
  }
}
