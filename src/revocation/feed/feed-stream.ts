import { once } from 'node:events';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

/** The most bytes that a consumer may leave unread, beyond the first events of the stream. */
const MAX_UNREAD = 256 * 1024;
/** Events are ASCII, which is one byte a character in this encoding too, and quicker to write. */
const ENCODING = 'latin1';

/** One consumer of the feed: server-sent events over an answer that does not end. */
export class FeedStream {
  /** Resolves when the connection has ended, for any reason. */
  readonly closed: Promise<unknown>;
  private readonly raw: ServerResponse;
  private readonly limit: number;

  /** Takes the reply over from Fastify and sends the first events. */
  constructor(reply: FastifyReply, opening: string) {
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
    this.raw.write(opening, ENCODING);
  }

  /** Sends an event. Returns false where the consumer has gone, or is disconnected now because it does not read. */
  send(event: string): boolean {
    if (this.raw.writableLength > this.limit) this.cut();
    if (this.raw.destroyed) return false;
    this.raw.write(event, ENCODING);
    return true;
  }

  end(): void {
    this.raw.end();
  }

  cut(): void {
    this.raw.destroy();
  }
}
