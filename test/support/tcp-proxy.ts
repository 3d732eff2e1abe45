import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Stands between two parties, and lets a test do to their line what networks and attackers do. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  /** Those of them that lead to the target. */
  private readonly upstreams = new Set<Socket>();
  private frozen = false;
  private delayMs = 0;
  private isLost: (piece: Buffer) => boolean = () => false;
  private tape: Tape | null = null;
  private replaying = false;
  private holds = false;

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

  /** All connections break, and new ones are refused: the target is down. */
  async cut(): Promise<void> {
    const closed = new Promise((resolve) => void this.server.close(resolve));
    this.reset();
    await closed;
  }

  /** All connections break. */
  reset(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** From now on the line leads to somebody else. All connections break. Returns where it led before. */
  lead(target: string): string {
    const { href } = this.target;
    this.target = new URL(target);
    this.reset();
    return href;
  }

  /** Nothing happens where nothing was cut. */
  async mend(): Promise<void> {
    if (this.server.listening) return;
    await new Promise<void>((resolve) => void this.server.listen(this.port, '127.0.0.1', resolve));
  }

  /** Connections stay, and nothing comes through: the target or the network hangs. */
  freeze(): void {
    this.frozen = true;
    for (const socket of this.sockets) socket.pause();
  }

  /** Nothing comes through the connections that there are, and neither end is told; new ones are not concerned. */
  swallow(): void {
    for (const socket of this.sockets) socket.pause();
  }

  /** What is asked arrives and is done, and no answer comes back. */
  holdAnswers(): void {
    this.holds = true;
    for (const socket of this.upstreams) socket.pause();
  }

  thaw(): void {
    this.frozen = false;
    this.holds = false;
    for (const socket of this.sockets) socket.resume();
  }

  /** What the target says from now on arrives so many milliseconds later. */
  delay(milliseconds: number): void {
    this.delayMs = milliseconds;
  }

  /** Pieces of what the target says for which this is true do not arrive. */
  lose(isLost: (piece: Buffer) => boolean): void {
    this.isLost = isLost;
  }

  /** From now on remembers the last answer to each GET, piece by piece. */
  record(): void {
    this.tape = new Tape();
  }

  /**
   * Nothing comes through any more. Who is connected hears again what came behind the first piece of the answer, a
   * piece each second; who asks anew gets the answer that was recorded.
   */
  replay(): void {
    this.replaying = true;
  }

  stopReplaying(): void {
    this.replaying = false;
  }

  async stop(): Promise<void> {
    if (this.server.listening) await this.cut();
  }

  private forward(client: Socket): void {
    const upstream = connect(Number(this.target.port || 5432), this.target.hostname);
    let answer: Buffer[] | undefined;
    client.on('data', (piece) => {
      const path = /^GET ([^? ]+)/.exec(piece.toString('latin1', 0, 100))?.[1];
      if (this.replaying) {
        for (const old of this.tape?.answer(path) ?? []) client.write(old);
        return;
      }
      if (path) answer = this.tape?.begin(path);
      upstream.write(piece);
    });
    upstream.on('data', (piece) => {
      // What is new stays unheard: on the tape it would only be late.
      if (this.replaying) return;
      answer?.push(piece);
      if (this.isLost(piece)) return;
      if (this.delayMs > 0) setTimeout(() => client.write(piece), this.delayMs);
      else client.write(piece);
    });
    let repeated = 0;
    const repeating = setInterval(() => {
      const old = answer?.slice(1) ?? [];
      if (this.replaying && old.length > 0) client.write(old[repeated++ % old.length]!);
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

/** The last answer to each path, in pieces as they came. */
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
