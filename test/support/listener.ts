import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Counts connections, and answers as the test decides. */
export class Listener {
  readonly sockets: Socket[] = [];
  /** The number of connections that the other side has closed. */
  closed = 0;

  private constructor(private readonly server: Server) {}

  static async start(answer: (socket: Socket) => void = () => undefined): Promise<Listener> {
    const server = createServer();
    const listener = new Listener(server);
    server.on('connection', (socket) => {
      listener.sockets.push(socket);
      socket.on('error', () => undefined).on('close', () => (listener.closed += 1));
      socket.once('data', () => answer(socket));
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    return listener;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => void this.server.close(resolve));
  }
}
