import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A proxy between two parties, with which a test disturbs their connection like a network or an attacker. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  /** The connections that lead to the target. */
  private readonly upstreams = new Set<Socket>();
  private frozen = false;
  private delayMs = 0;
  private isLost: (piece: Buffer) => boolean = () => false;
  private tape: Tape | null = null;
  private replaying = false;
  private holds = false;
  private readonly requests = new Map<string, number>();
  /** How often something old was sent again. */
  replays = 0;

  private constructor(
    private readonly server: Server,
    private target: URL,
    private readonly port: number,
  ) {}

  static async start(target: string): Promise<TcpProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const proxy = new TcpProxy(server, new URL(target), (server.address() as AddressInfo).port);
    server.on('connection', (socket) => proxy.forward(socket));
    return proxy;
  }

  /** The URL of the target by way of this proxy. */
  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String(this.port);
    return url.href;
  }

  /** Breaks all connections, and refuses new ones, as if the target were down. */
  async cut(): Promise<void> {
    const closed = new Promise((resolve) => void this.server.close(resolve));
    this.reset();
    await closed;
  }

  /** Breaks all connections. */
  reset(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Connects to another target from now on, and breaks all connections. Returns the former target. */
  lead(target: string): string {
    const { href } = this.target;
    this.target = new URL(target);
    this.reset();
    return href;
  }

  /** Ends a cut; does nothing where there was none. */
  async mend(): Promise<void> {
    if (this.server.listening) return;
    await new Promise<void>((resolve) => void this.server.listen(this.port, '127.0.0.1', resolve));
  }

  /** Keeps connections, but passes nothing on, as if the target or the network hung. */
  freeze(): void {
    this.frozen = true;
    for (const socket of this.sockets) socket.pause();
  }

  /** Passes nothing on through existing connections, without closing them; new ones work. */
  swallow(): void {
    for (const socket of this.sockets) socket.pause();
  }

  /** Passes requests on, but no answers. */
  holdAnswers(): void {
    this.holds = true;
    for (const socket of this.upstreams) socket.pause();
  }

  thaw(): void {
    this.frozen = false;
    this.holds = false;
    for (const socket of this.sockets) socket.resume();
  }

  /** Delays the data of the target by so many milliseconds from now on. */
  delay(milliseconds: number): void {
    this.delayMs = milliseconds;
  }

  /** Drops the pieces of the target's data for which `isLost` is true. */
  lose(isLost: (piece: Buffer) => boolean): void {
    this.isLost = isLost;
  }

  /** Records the last answer to each GET from now on, piece by piece. */
  record(): void {
    this.tape = new Tape();
  }

  /**
   * Passes nothing on any more. Existing clients get the recorded pieces after the first one of the answer again, a
   * piece each second; new requests get the recorded answer.
   */
  replay(): void {
    this.replaying = true;
  }

  stopReplaying(): void {
    this.replaying = false;
  }

  /** Returns how many GET requests for this path have come. */
  requestsOf(path: string): number {
    return this.requests.get(path) ?? 0;
  }

  /** Returns how many pieces of the last answer to this path are recorded. */
  recorded(path: string): number {
    return this.tape?.answer(path).length ?? 0;
  }

  async stop(): Promise<void> {
    if (this.server.listening) await this.cut();
  }

  private forward(client: Socket): void {
    const upstream = connect(Number(this.target.port || 5432), this.target.hostname);
    let answer: Buffer[] | undefined;
    client.on('data', (piece) => {
      const path = /^GET ([^? ]+)/.exec(piece.toString('latin1', 0, 100))?.[1];
      if (path) this.requests.set(path, this.requestsOf(path) + 1);
      if (this.replaying) {
        const old = this.tape?.answer(path) ?? [];
        for (const part of old) client.write(part);
        if (old.length > 0) this.replays += 1;
        return;
      }
      if (path) answer = this.tape?.begin(path);
      upstream.write(piece);
    });
    upstream.on('data', (piece) => {
      // New data is dropped: it would only come late in the recording.
      if (this.replaying) return;
      answer?.push(piece);
      if (this.isLost(piece)) return;
      if (this.delayMs > 0) setTimeout(() => client.write(piece), this.delayMs);
      else client.write(piece);
    });
    let repeated = 0;
    const repeating = setInterval(() => {
      const old = answer?.slice(1) ?? [];
      if (!this.replaying || old.length === 0) return;
      client.write(old[repeated++ % old.length]!);
      this.replays += 1;
    }, 1_000);
    client.on('close', () => clearInterval(repeating));
    this.upstreams.add(upstream);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.sockets.delete(from);
        this.upstreams.delete(from);
        to.destroy();
      });
      if (this.frozen || (this.holds && from === upstream)) from.pause();
    }
  }
}

/** The last answer to each path, in the pieces in which it arrived. */
class Tape {
  private readonly answers = new Map<string, Buffer[]>();

  begin(path: string): Buffer[] {
    const pieces: Buffer[] = [];
    this.answers.set(path, pieces);
    return pieces;
  }

  answer(path = ''): readonly Buffer[] {
    return this.answers.get(path) ?? [];
  }
}
