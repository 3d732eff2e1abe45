import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Stands between the service and its database, and lets a test cut the line. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  /** Those of them that lead to the database. */
  private readonly upstreams = new Set<Socket>();
  private frozen = false;
  private holds = false;

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
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

  /** All connections break, and new ones are refused: the database is down. */
  async cut(): Promise<void> {
    const closed = new Promise((resolve) => void this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** Nothing happens where nothing was cut. */
  async mend(): Promise<void> {
    if (this.server.listening) return;
    await new Promise<void>((resolve) => void this.server.listen(this.port, '127.0.0.1', resolve));
  }

  /** Connections stay, and nothing comes through: the database or the network hangs. */
  freeze(): void {
    this.frozen = true;
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

  async stop(): Promise<void> {
    if (this.server.listening) await this.cut();
  }

  private forward(client: Socket): void {
    const upstream = connect(Number(this.target.port || 5432), this.target.hostname);
    this.upstreams.add(upstream);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(from);
      from.on('data', (chunk) => to.write(chunk));
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
