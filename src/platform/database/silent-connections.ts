import type { Socket } from 'node:net';
import type { Pool } from 'pg';
import { LIMITS } from './limits.js';

/**
 * Closes connections whose server stops sending before it has answered, because it is frozen or the network drops all
 * packets. Their statements fail like those of a lost connection. A connection that only holds a lock or a transaction
 * stays open. pg's own `query_timeout` costs a timer and two closures a query, and V8 allocates such closures in the
 * old space, where they keep all objects of a request until the next full collection.
 */
export function closeSilentConnections(pool: Pool): void {
  pool.on('acquire', ({ connection }) => {
    const socket = connection.stream as Socket;
    if (socket.timeout === LIMITS.silence) return;
    const isNew = socket.timeout === undefined;
    socket.setTimeout(LIMITS.silence);
    if (!isNew) return;
    // PostgreSQL ends every answer with ReadyForQuery: bytes written since then are not answered yet.
    let answered = socket.bytesWritten;
    connection.on('readyForQuery', () => (answered = socket.bytesWritten));
    socket.on('timeout', () => {
      if (socket.bytesWritten > answered) socket.destroy();
    });
  });
}
