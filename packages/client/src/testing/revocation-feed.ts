import { setImmediate } from 'node:timers/promises';
import { epochsOf, fingerprintsOf, RevocationLog, type Revocation } from './revocation-log.js';
import type { SigningKey } from './signing-key.js';

const HEARTBEAT_MS = 5_000;

/** The issuer whose feed this is. */
export interface FeedSource {
  readonly url: string;
  readonly signingKey: SigningKey;
  /** Milliseconds since the epoch. */
  now(): number;
}

interface Event {
  event?: 'hello' | 'snapshot';
  id?: number;
  data: string;
}

// Without optional spaces (WHATWG HTML 9.2.5), as the service writes it.
const written = ({ event, id, data }: Event): Uint8Array =>
  Buffer.from(`${event ? `event:${event}\n` : ''}${id === undefined ? '' : `id:${id}\n`}data:${data}\n\n`);

/** The revocation feed in the format of the service; see docs/revocation-feed.md. */
export class RevocationFeed {
  private readonly log = new RevocationLog();
  private readonly streams = new Set<ReadableStreamDefaultController<Uint8Array>>();
  private heartbeat: NodeJS.Timeout | undefined;

  constructor(private readonly source: FeedSource) {}

  /** The number of open streams. */
  get readers(): number {
    return this.streams.size;
  }

  /**
   * Opens a stream of server-sent events. `from` is the last number that the reader has applied, null where there is
   * none.
   */
  open(from: number | null, nonce: string | null): ReadableStream<Uint8Array> {
    const { seq } = this.log;
    const first: Event[] = [{ event: 'hello', data: this.hello(nonce ?? undefined) }];
    if (from === null || !(from <= seq)) first.push({ event: 'snapshot', id: seq, data: this.snapshot() });
    else if (from < seq) first.push({ id: seq, data: this.frame(from) });

    let stream: ReadableStreamDefaultController<Uint8Array>;
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        stream = controller;
        this.streams.add(stream);
        this.heartbeat ??= setInterval(() => void this.beat(), HEARTBEAT_MS).unref();
        for (const event of first) stream.enqueue(written(event));
      },
      cancel: () => this.forget(stream),
    });
  }

  /** Appends an entry and sends it to every reader. Resolves when it was sent. */
  async append(entry: Revocation): Promise<void> {
    const from = this.log.seq;
    this.log.append(entry);
    await this.send(from);
  }

  /** Sends the time to every reader. */
  async beat(): Promise<void> {
    await this.send(this.log.seq);
  }

  /** Ends every stream, like an instance that stops. */
  async drop(): Promise<void> {
    for (const stream of this.streams) {
      this.forget(stream);
      stream.close();
    }
    await setImmediate();
  }

  /** Returns a snapshot as `application/jose`: one line of JSON, a line feed, and the fingerprints as 7 bytes each. */
  snapshot(): string {
    const iat = this.source.now() / 1000;
    const entries = this.log.alive(iat);
    const groups = [...fingerprintsOf(entries)];
    const state = {
      iss: this.source.url,
      iat,
      seq: this.log.seq,
      sessions: groups.map(([until, fingerprints]) => [until, fingerprints.length]),
      ...epochsOf(entries),
    };
    const fingerprints = groups.flatMap(([, group]) => group).map((text) => Buffer.from(text, 'base64url'));
    const payload = Buffer.concat([Buffer.from(`${JSON.stringify(state)}\n`), ...fingerprints]);
    return this.source.signingKey.jws('rev-snapshot+jwt', payload);
  }

  private hello(nonce?: string): string {
    const now = this.source.now() / 1000;
    return this.frame(this.log.seq, { nonce, now });
  }

  private frame(from: number, more: { nonce?: string; now?: number } = {}): string {
    const { seq } = this.log;
    const entries = this.log.after(from);
    const groups = [...fingerprintsOf(entries)].map(([until, fingerprints]) => [until, fingerprints.join('')] as const);
    const claims = {
      iat: this.source.now() / 1000,
      seq,
      n: seq - from,
      sessions: groups.length > 0 ? Object.fromEntries(groups) : undefined,
      ...epochsOf(entries),
      ...more,
    };
    return this.source.signingKey.jws('rev+jwt', JSON.stringify(claims));
  }

  private async send(from: number): Promise<void> {
    const event = written({ id: this.log.seq, data: this.frame(from) });
    for (const stream of this.streams) stream.enqueue(event);
    // After that, readers in this process have applied it, and sockets have written it.
    await setImmediate();
  }

  private forget(stream: ReadableStreamDefaultController<Uint8Array>): void {
    this.streams.delete(stream);
    if (this.streams.size > 0) return;
    clearInterval(this.heartbeat);
    this.heartbeat = undefined;
  }
}
