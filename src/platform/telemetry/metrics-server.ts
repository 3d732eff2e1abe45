import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { StartFault } from '../../common/errors.js';
import type { Config } from '../config/config.js';
import type { Metrics } from './metrics.js';
import { MetricsPage } from './metrics-page.js';
import type { RequestMetrics } from './request-metrics.js';

/** The server of `/metrics`. */
export interface MetricsServer {
  close(): void;
}

/**
 * Opens `METRICS_PORT`, on a server of its own so that no gateway exposes it by accident. Throws {@link StartFault}
 * where the port cannot be opened.
 */
export async function openMetricsServer(
  config: Config,
  metrics: Metrics,
  requests: RequestMetrics,
): Promise<MetricsServer> {
  const { metricsHost: host, metricsPort: port, metricsToken: token } = config;
  const page = new MetricsPage(metrics.all);
  requests.observeWith(page.observe);
  const server = createServer({ requestTimeout: 5_000, maxHeaderSize: 8_192 }, (request, response) => {
    void answer(page, token, request, response);
  });
  server.listen(port!, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new StartFault(`METRICS_PORT cannot be opened on METRICS_HOST: ${(error as Error).message}`);
  }
  // The service does not wait for a scraper when it stops.
  server.unref();
  return {
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(
  page: MetricsPage,
  token: string | null,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refuse = (status: number, headers = {}): void => void response.writeHead(status, headers).end();
  if (token !== null && !isBearer(token, request.headers.authorization))
    return refuse(401, { 'WWW-Authenticate': 'Bearer' });
  if (request.url?.split('?', 1)[0] !== '/metrics') return refuse(404);
  if (request.method !== 'GET') return refuse(405, { Allow: 'GET' });
  try {
    const text = await page.text();
    response.writeHead(200, { 'Content-Type': page.contentType, 'Cache-Control': 'no-store' }).end(text);
  } catch {
    refuse(503);
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const isBearer = (token: string, header = ''): boolean => timingSafeEqual(digest(`Bearer ${token}`), digest(header));
