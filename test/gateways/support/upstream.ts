import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it reached the service behind the gateway. */
export interface Arrival {
  method: string;
  url: string;
  /** Names and values in turn, as they came. */
  rawHeaders: string[];
  body: string;
}

// RFC 6455 1.3
const WEBSOCKET = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The small service behind a gateway: it answers every request, and remembers what reached it. */
export class Upstream {
  readonly arrivals: Arrival[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Upstream> {
    const server = createServer();
    const upstream = new Upstream(server);
    server.on('request', (request: IncomingMessage, response) => {
      let body = '';
      request.setEncoding('latin1').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        upstream.arrived(request, body);
        response.end('served');
      });
    });
    server.on('upgrade', (request: IncomingMessage, socket) => {
      upstream.arrived(request, '');
      const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${WEBSOCKET}`).digest('base64');
      const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
      socket.write(`${[...head, `Sec-WebSocket-Accept: ${accept}`].join('\r\n')}\r\n\r\n`);
      socket.pipe(socket);
      socket.on('error', () => socket.destroy());
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    return upstream;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => void this.server.close(resolve));
  }

  private arrived({ method, url, rawHeaders }: IncomingMessage, body: string): void {
    this.arrivals.push({ method: method!, url: url!, rawHeaders, body });
  }
}

/**
 * What of an arrival speaks of an identity, in any spelling that a framework could take for `X-Auth-…`. Throws where one
 * name comes twice.
 */
export function identityIn({ rawHeaders }: Arrival): Record<string, string> {
  const identity: Record<string, string> = {};
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase().replaceAll(/[^a-z0-9]/g, '-');
    if (!name.startsWith('x-auth')) continue;
    if (name in identity) throw new Error(`${rawHeaders[i]} came twice`);
    identity[name] = rawHeaders[i + 1]!;
  }
  return identity;
}

/** The values under a name, in the order in which they came. */
export const valuesOf = ({ rawHeaders }: Arrival, name: string): string[] =>
  rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]!.toLowerCase() === name);
