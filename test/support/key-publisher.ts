import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JWK } from 'jose';

/** Publishes a JWK Set on a free port of the loopback, and counts the requests. */
export class KeyPublisher {
  keys: JWK[] = [];
  asked = 0;
  /** Answers requests instead, while it is set. */
  answer: ((response: ServerResponse) => void) | null = null;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<KeyPublisher> {
    const server = createServer();
    const publisher = new KeyPublisher(server);
    server.on('request', (_, response) => {
      publisher.asked += 1;
      if (publisher.answer) publisher.answer(response);
      else {
        response.setHeader('content-type', 'application/jwk-set+json');
        response.end(JSON.stringify({ keys: publisher.keys }));
      }
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    return publisher;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/jwks.json`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => void this.server.close(resolve));
  }
}
