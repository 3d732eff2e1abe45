import { constants, gzipSync } from 'node:zlib';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { signJws } from '../../jose/jws.js';
import { KeyRing } from '../../keys/key-ring.js';
import { Config } from '../../platform/config/config.js';
import { entityTagOf } from '../../platform/http/routes/representation.js';
import { RevocationService } from '../revocation.service.js';
import { frameOf, serverSentEvent } from './feed-frame.js';
import { snapshotOf } from './feed-snapshot.js';

const FRAME = 'rev+jwt';
const SNAPSHOT = 'rev-snapshot+jwt';
/** How long a signed snapshot is reused, in milliseconds. */
const SNAPSHOT_AGE_MS = 1_000;
/**
 * The most missed entries that a stream repeats. Beyond that a snapshot is better, because it is smaller and signed
 * once for all.
 */
const MAX_RESUMED = 1_000;

/** A signed snapshot, with what HTTP needs to serve it. */
export interface SignedSnapshot {
  seq: number;
  jws: string;
  gzip: Buffer;
  /** The entity tag of `jws`. */
  etag: string;
}

/** Signs what has been revoked. The signed time is that of this instance's knowledge, never the time of day. */
@Injectable()
export class FeedSigner {
  private latest: { snapshot: SignedSnapshot; kid: string; asOf: number; signedAt: number } | null = null;

  constructor(
    private readonly revocations: RevocationService,
    private readonly ring: KeyRing,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** Returns the event with the log after number `from`; a heartbeat where there is nothing. */
  frame(from: number): string {
    const { applied: seq, asOf } = this.revocations;
    const claims = frameOf(this.revocations.after(from), { asOf, from, seq });
    return serverSentEvent(this.sign(FRAME, JSON.stringify(claims)), { id: seq });
  }

  /** Returns the first events of a stream: `hello`, then everything after number `from`. */
  opening(from: number | undefined, nonce: string | undefined): string {
    return this.hello(nonce) + (this.isResumable(from) ? this.resumption(from) : this.restart());
  }

  snapshot(): SignedSnapshot {
    const { applied: seq, asOf } = this.revocations;
    const { kid } = this.ring.signer.key;
    const { latest } = this;
    const isCurrent = latest?.asOf === asOf || performance.now() - (latest?.signedAt ?? -Infinity) < SNAPSHOT_AGE_MS;
    if (latest?.kid === kid && isCurrent) return latest.snapshot;
    const payload = snapshotOf(this.revocations.after(0), { issuer: this.config.publicUrl, asOf, seq });
    const jws = this.sign(SNAPSHOT, payload);
    // Base64url of random bytes has no repetitions: Huffman coding alone compresses as well as possible, and is quick.
    const gzip = gzipSync(jws, { strategy: constants.Z_HUFFMAN_ONLY });
    const snapshot = { seq, jws, gzip, etag: entityTagOf(jws) };
    this.latest = { snapshot, kid, asOf, signedAt: performance.now() };
    return snapshot;
  }

  private hello(nonce: string | undefined): string {
    const { applied: seq, asOf } = this.revocations;
    const claims = { ...frameOf([], { asOf, from: seq, seq }), now: this.clock.now() / 1000, nonce };
    return serverSentEvent(this.sign(FRAME, JSON.stringify(claims)), { event: 'hello' });
  }

  /**
   * Tells whether a stream can go on after this number. A number that is ahead of the log belongs to another log, or to
   * an instance that has read further.
   */
  private isResumable(from: number | undefined): from is number {
    if (from === undefined || from > this.revocations.applied) return false;
    return this.revocations.after(from).length <= MAX_RESUMED;
  }

  private resumption(from: number): string {
    return from === this.revocations.applied ? '' : this.frame(from);
  }

  private restart(): string {
    const { seq, jws } = this.snapshot();
    return serverSentEvent(jws, { event: 'snapshot', id: seq }) + this.resumption(seq);
  }

  private sign(typ: string, payload: string | Buffer): string {
    return signJws(typ, payload, this.ring.signer);
  }
}
