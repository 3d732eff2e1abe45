import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  /** The body as bytes, one character each. */
  readonly body: string;
}

const END_OF_HEAD = '\r\n\r\n';
const LONGEST_WAIT_MS = 30_000;

/**
 * One keep-alive connection with one request in flight: as little HTTP/1.1 as a load generator needs, so that it can
 * share its core with PostgreSQL and still keep a server busy. Answers must have `Content-Length`.
 */
export class Connection {
  private readonly socket: Socket;
  private received = '';
  private settle: { resolve(answer: Answer): void; reject(error: Error): void } | null = null;

  static async open(port: number): Promise<Connection> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new Connection(socket);
  }

  private constructor(socket: Socket) {
    this.socket = socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => this.receive(chunk));
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail(new Error('The server has closed the connection')));
    socket.setTimeout(LONGEST_WAIT_MS, () => this.fail(new Error('No answer')));
  }

  /** Sends a whole request. Rejects where the connection breaks. */
  send(request: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
      this.socket.write(request, 'latin1');
    });
  }

  close(): void {
    this.settle = null;
    this.socket.destroy();
  }

  private receive(chunk: string): void {
    this.received = this.received === '' ? chunk : this.received + chunk;
    const end = this.received.indexOf(END_OF_HEAD);
    if (end < 0) return;
    const length = /\ncontent-length: (\d+)\r/i.exec(this.received.slice(0, end + 2));
    const body = this.received.slice(end + END_OF_HEAD.length);
    if (body.length < Number(length?.[1] ?? 0)) return;
    const status = Number(this.received.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length));
    this.received = '';
    const settle = this.settle;
    this.settle = null;
    settle?.resolve({ status, body });
  }

  private fail(error: Error): void {
    this.settle?.reject(error);
    this.settle = null;
    this.socket.destroy();
  }
}
