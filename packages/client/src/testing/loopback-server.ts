import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Returns the answer to a request; throws where the connection should break instead. */
export type Respond = (url: URL, headers: Headers) => Response;

export interface LoopbackServer {
  /** `http://127.0.0.1:…` */
  readonly url: string;
  close(): Promise<void>;
}

async function answer(respond: Respond, request: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const url = new URL(request.url!, 'http://127.0.0.1');
  const headers = new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  const response = respond(url, headers);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body) await pipeline(Readable.fromWeb(response.body), outgoing);
  else outgoing.end();
}

/** Serves on the loopback interface. `port` 0 takes any free port. */
export async function serveOnLoopback(respond: Respond, port: number): Promise<LoopbackServer> {
  const server = createServer((request, outgoing) => {
    // The client has gone, or is to see a broken connection.
    answer(respond, request, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
