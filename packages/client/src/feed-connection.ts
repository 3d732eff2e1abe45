import { randomBytes } from 'node:crypto';
import { EventStreamParser, type ServerSentEvent } from './event-stream.js';
import { UnexpectedAnswer } from './events.js';
import type { FeedReader } from './feed-reader.js';
import { chunksOf, get, type Fetch } from './http.js';
import type { IssuerClock, Moment } from './issuer-clock.js';
import { abortable } from './timing.js';

/** One connection to the stream of revocations, from the request to its end. */
export class FeedConnection {
  private readonly controller = new AbortController();
  private readonly nonce = randomBytes(16).toString('base64url');
  /** Whether `hello` has arrived, which proves that the connection is alive and not a recording. */
  isOpen = false;
  /** When a signed event arrived last, by the monotonic clock. */
  heardAt = performance.now();

  constructor(
    private readonly fetch: Fetch,
    private readonly reader: FeedReader,
    private readonly clock: IssuerClock,
    private readonly onOpen: () => void,
  ) {}

  /** Ends the connection, with this reason. */
  cut(reason: Error): void {
    this.controller.abort(reason);
  }

  /**
   * Follows the stream until it ends, and always rejects with the reason.
   *
   * @param from - the last number that was applied; -1 requests a snapshot
   */
  async follow(streamUri: string, from: number, authorization: () => Promise<Record<string, string>>): Promise<never> {
    const { signal } = this.controller;
    try {
      const url = new URL(streamUri);
      if (from >= 0) url.searchParams.set('from', String(from));
      url.searchParams.set('nonce', this.nonce);
      const headers = { ...(await abortable(authorization(), signal)), accept: 'text/event-stream' };
      const sentAt = this.clock.moment();
      const response = await get(this.fetch, url.href, headers, signal);
      if (response.status !== 200) throw new UnexpectedAnswer(streamUri, response.status);
      const type = response.headers.get('content-type') ?? '';
      if (!type.startsWith('text/event-stream')) throw new Error(`${streamUri} answered ${type}, which is no stream`);
      const parser = new EventStreamParser();
      const decoder = new TextDecoder();
      for await (const chunk of chunksOf(response, signal)) {
        for (const event of parser.push(decoder.decode(chunk, { stream: true }))) {
          await abortable(this.receive(event, sentAt), signal);
        }
      }
      throw new Error('The issuer has ended the revocation feed');
    } finally {
      this.controller.abort();
    }
  }

  private async receive({ type, data }: ServerSentEvent, sentAt: Moment): Promise<void> {
    if (!this.isOpen) {
      if (type !== 'hello') throw new Error('The revocation feed does not begin with hello');
      await this.reader.hello(data, this.nonce, sentAt);
      this.isOpen = true;
      this.onOpen();
    } else if (type === 'snapshot') {
      await this.reader.restart(data);
    } else if (type === 'message') {
      await this.reader.frame(data);
    } else {
      return;
    }
    this.heardAt = performance.now();
  }
}
