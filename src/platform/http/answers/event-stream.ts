import { once } from 'node:events';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';

/** The most bytes that a consumer may leave unread, beyond the first events of the stream. */
const MAX_UNREAD = 256 * 1024;
/** How long consumers may read the rest of a stream that ends, in milliseconds. */
const FAREWELL_MS = 1_000;

/** One consumer of server-sent events, over an answer that does not end. */
export class EventStream {
  /** Resolves when the connection has ended, for any reason. */
  readonly closed: Promise<unknown>;
  private readonly raw: ServerResponse;
  private readonly limit: number;

  /**
   * Takes the reply over from Fastify and sends the first events. The encoding `latin1` is for events that are ASCII: it is
   * quicker.
   */
  constructor(
    reply: FastifyReply,
    opening: string,
    private readonly encoding: 'utf8' | 'latin1',
  ) {
    this.raw = reply.hijack().raw;
    this.limit = MAX_UNREAD + opening.length;
    this.closed = this.raw.destroyed ? Promise.resolve() : once(this.raw, 'close').catch(() => undefined);
    this.raw.on('error', () => undefined);
    this.raw.writeHead(200, {
      ...(reply.getHeaders() as OutgoingHttpHeaders),
      'Content-Type': 'text/event-stream',
      // Asks nginx to pass events on as they come.
      'X-Accel-Buffering': 'no',
      // The connection has no use after the stream.
      Connection: 'close',
    });
    this.raw.write(opening, encoding);
  }

  /** The bytes that the consumer has not taken yet. */
  get unread(): number {
    return this.raw.writableLength;
  }

  /** Whether the consumer has to read before more should be sent. */
  get isFull(): boolean {
    return this.raw.writableNeedDrain;
  }

  /** Calls `listener` each time that the consumer has read all of it. */
  onDrain(listener: () => void): void {
    this.raw.on('drain', listener);
  }

  /** Sends an event. Returns false where the consumer has gone, or is disconnected now because it does not read. */
  send(event: string): boolean {
    if (this.unread > this.limit) this.cut();
    if (this.raw.destroyed) return false;
    this.raw.write(event, this.encoding);
    return true;
  }

  end(): void {
    this.raw.end();
  }

  cut(): void {
    this.raw.destroy();
  }
}

/** Ends streams, and cuts those whose consumers do not read the rest. */
export async function endStreams(ending: readonly EventStream[]): Promise<void> {
  for (const stream of ending) stream.end();
  const gone = Promise.all(ending.map(({ closed }) => closed));
  await Promise.race([gone, sleep(FAREWELL_MS, undefined, { ref: false })]);
  for (const stream of ending) stream.cut();
}
