import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const SNAPSHOT = '/revocations/snapshot';
const PATHS = [SNAPSHOT, '/.well-known/jwks.json'];

/** A CDN that keeps serving the document that it fetched last, however old that is. */
export class StaleCache {
  private readonly kept = new Map<string, { headers: Record<string, string>; body: Buffer }>();

  private constructor(
    private readonly server: Server,
    private readonly origin: string,
  ) {}

  static async start(origin: string): Promise<StaleCache> {
    const server = createServer();
    const cache = new StaleCache(server, origin);
    server.on('request', ({ url = '' }, response) => {
      const answer = cache.kept.get(url);
      if (answer) response.writeHead(200, answer.headers).end(answer.body);
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    await cache.refill();
    return cache;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The last number of the log that the snapshot covers. */
  get seq(): number {
    const [, payload] = this.kept.get(SNAPSHOT)!.body.toString('latin1').split('.');
    const [claims] = Buffer.from(payload!, 'base64url').toString('latin1').split('\n');
    return (JSON.parse(claims!) as { seq: number }).seq;
  }

  /** Fetches everything once more. */
  async refill(): Promise<void> {
    for (const path of PATHS) {
      const answer = await fetch(this.origin + path, { headers: { 'accept-encoding': 'identity' } });
      const headers = Object.fromEntries(
        ['content-type', 'cache-control', 'etag'].map((name) => [name, answer.headers.get(name) ?? '']),
      );
      this.kept.set(path, { headers, body: Buffer.from(await answer.arrayBuffer()) });
    }
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
