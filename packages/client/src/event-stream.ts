/** One server-sent event. The `id` is left out, because the number in the signed frame counts. */
export interface ServerSentEvent {
  /** The type; `message` where the stream names none. */
  readonly type: string;
  readonly data: string;
}

const LINE_END = /\r\n|\r|\n/;
/** The longest event. A snapshot of half a million entries fits; a longer one does not come from the issuer. */
const MAX_EVENT_LENGTH = 8 * 1024 * 1024;

/** Parses `text/event-stream` (WHATWG HTML 9.2.6) from pieces that may end anywhere. */
export class EventStreamParser {
  private rest = '';
  private endsInCarriageReturn = false;
  private type = '';
  private data: string[] = [];
  private dataLength = 0;

  constructor(private readonly maxLength = MAX_EVENT_LENGTH) {}

  /** Returns the events that this piece completes. Throws where an event is too long. */
  push(piece: string): ServerSentEvent[] {
    if (piece === '') return [];
    const text = this.endsInCarriageReturn && piece.startsWith('\n') ? piece.slice(1) : piece;
    this.endsInCarriageReturn = text.endsWith('\r');
    const events: ServerSentEvent[] = [];
    if (LINE_END.test(text)) {
      const lines = (this.rest + text).split(LINE_END);
      this.rest = lines.pop()!;
      for (const line of lines) this.read(line, events);
    } else {
      this.rest += text;
    }
    if (this.rest.length + this.dataLength > this.maxLength) throw new Error('An event of the stream is too long');
    return events;
  }

  private read(line: string, events: ServerSentEvent[]): void {
    if (line === '') return this.dispatch(events);
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'event') this.type = value;
    if (field === 'data') {
      this.data.push(value);
      this.dataLength += value.length + 1;
    }
  }

  private dispatch(events: ServerSentEvent[]): void {
    if (this.data.length > 0) events.push({ type: this.type || 'message', data: this.data.join('\n') });
    this.type = '';
    this.data = [];
    this.dataLength = 0;
  }
}
