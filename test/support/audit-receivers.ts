import { createHmac } from 'node:crypto';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import type { Certificate } from './certificate.js';

/** An event as a receiver reads it. */
export interface ForwardedEvent {
  class_uid: number;
  metadata: { uid: string; sequence: number; event_code: string };
}

const sequencesOf = (events: readonly ForwardedEvent[]): number[] => events.map(({ metadata }) => metadata.sequence);

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

/** Takes posted events whose signature (Standard Webhooks) is right. */
export class WebhookSink {
  readonly received: ForwardedEvent[] = [];
  requests = 0;
  /** The status that it answers with; only those of 2xx accept. */
  status = 200;
  private port = 0;

  private constructor(
    private readonly server: HttpServer,
    private readonly secret: Buffer,
  ) {}

  static async start(secret: Buffer): Promise<WebhookSink> {
    const server = createHttpServer();
    const sink = new WebhookSink(server, secret);
    server.on('request', (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        sink.requests++;
        const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = request.headers;
        const mac = createHmac('sha256', sink.secret)
          .update(`${String(id)}.${String(at)}.${body}`)
          .digest('base64');
        const status = signature === `v1,${mac}` ? sink.status : 401;
        if (status === 200) sink.received.push(...linesOf(body));
        response.writeHead(status).end();
      });
    });
    sink.port = await listen(server);
    return sink;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/audit`;
  }

  get sequences(): number[] {
    return sequencesOf(this.received);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => void this.server.close(resolve));
  }
}

const linesOf = (body: string): ForwardedEvent[] =>
  body
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ForwardedEvent);

/** A syslog server over TLS (RFC 5425). */
export class SyslogSink {
  readonly received: ForwardedEvent[] = [];
  readonly messages: string[] = [];
  connections = 0;
  /** Resets each connection after so many bytes. */
  cutAfter = Infinity;
  private port = 0;

  private constructor(private readonly server: Server) {}

  static async start({ key, cert }: Certificate): Promise<SyslogSink> {
    const server = createServer({ key, cert });
    const sink = new SyslogSink(server);
    let raw!: Socket;
    server.on('connection', (socket: Socket) => (raw = socket));
    server.on('secureConnection', (socket) => sink.serve(socket, raw));
    sink.port = await listen(server);
    return sink;
  }

  get url(): string {
    return `syslog+tls://127.0.0.1:${this.port}`;
  }

  get sequences(): number[] {
    return sequencesOf(this.received);
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => void this.server.close(resolve));
  }

  private serve(socket: TLSSocket, raw: Socket): void {
    this.connections++;
    let unread = Buffer.alloc(0);
    let bytes = 0;
    socket
      .on('error', () => undefined)
      .on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > this.cutAfter) raw.resetAndDestroy();
        else unread = this.take(Buffer.concat([unread, chunk]));
      });
  }

  /** Takes whole messages, by the count of octets before each. Returns the rest. */
  private take(bytes: Buffer): Buffer<ArrayBuffer> {
    let rest = bytes;
    for (;;) {
      const space = rest.indexOf(' ');
      const end = space + 1 + Number(rest.subarray(0, Math.max(space, 0)).toString());
      if (space < 0 || rest.length < end) return Buffer.from(rest);
      const message = rest.subarray(space + 1, end).toString();
      this.messages.push(message);
      this.received.push(JSON.parse(message.slice(message.indexOf('{'))) as ForwardedEvent);
      rest = rest.subarray(end);
    }
  }
}
