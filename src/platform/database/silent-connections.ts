import type { Socket } from 'node:net';
import type { Pool, PoolClient } from 'pg';

/** How long the server may say nothing to a connection at work, in milliseconds: longer than any statement may take. */
const LONGEST_SILENCE_MS = 12_000;

/**
 * Closes connections whose server falls silent in the middle of their work: it is frozen, or the network drops all. Their
 * statements fail as those of a lost connection do. pg's own `query_timeout` costs a timer and two closures a query, and
 * V8 allocates such closures old: with them it keeps all that a request has made until the next full collection.
 */
export function closeSilentConnections(pool: Pool): void {
  const atWork = new Set<PoolClient>();
  pool.on('acquire', (client) => {
    atWork.add(client);
    const socket = client.connection.stream as Socket;
    if (socket.timeout === LONGEST_SILENCE_MS) return;
    socket.setTimeout(LONGEST_SILENCE_MS);
    socket.on('timeout', () => {
      if (atWork.has(client)) socket.destroy();
    });
  });
  pool.on('release', (_error, client) => atWork.delete(client));
}
