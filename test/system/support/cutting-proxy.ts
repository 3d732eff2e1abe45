import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between the service and its database, and cuts the line after a commit but before its answer. */
export class CuttingProxy {
  private needle: string | null = null;
  private readonly sockets = new Set<Socket>();
  cuts = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {}

  static async start(databaseUrl: string): Promise<CuttingProxy> {
    const server = createServer();
    const proxy = new CuttingProxy(server, new URL(databaseUrl));
    server.on('connection', (client) => proxy.join(client));
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** The URL of the database, by way of this proxy. */
  get url(): string {
    const url = new URL(this.target);
    url.port = String((this.server.address() as { port: number }).port);
    return url.href;
  }

  /** The next message to the database that contains this text is executed, and its answer lost with the connection. */
  cutAfter(needle: string): void {
    this.needle = needle;
  }

  private join(client: Socket): void {
    const database = connect(Number(this.target.port), this.target.hostname);
    let cutting = false;
    let chore = false;
    client.on('data', (chunk) => {
      // A transaction of a chore in the background is not the one that is meant.
      if (chunk.includes('SET LOCAL statement_timeout')) chore = true;
      if (this.needle !== null && chunk.includes(this.needle) && !chore) {
        this.needle = null;
        cutting = true;
      }
      if (chunk.includes('COMMIT')) chore = false;
      database.write(chunk);
    });
    database.on('data', (chunk) => {
      if (!cutting) {
        client.write(chunk);
        return;
      }
      // PostgreSQL answers a commit, and a statement that is a transaction of its own, when it is on disk.
      this.cuts += 1;
      client.destroy();
      database.destroy();
    });
    for (const [socket, other] of [
      [client, database],
      [database, client],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
