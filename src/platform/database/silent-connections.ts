import type { Socket } from 'node:net';
import type { Pool } from 'pg';
import { LIMITS } from './limits.js';

/**
 * Closes connections whose server falls silent before it has answered: it is frozen, or the network drops all. Their
 * statements fail as those of a lost connection do; one that only holds a lock or a transaction is left alone. pg's own
 * `query_timeout` costs a timer and two closures a query, and V8 allocates such closures old: with them it keeps all that
 * a request has made until the next full collection.
 */
export function closeSilentConnections(pool: Pool): void {
  pool.on('acquire', ({ connection }) => {
    const socket = connection.stream as Socket;
    if (socket.timeout === LIMITS.silence) return;
    const isNew = socket.timeout === undefined;
    socket.setTimeout(LIMITS.silence);
    if (!isNew) return;
    // PostgreSQL's ReadyForQuery ends every answer: what has been written since is still to be answered.
    let answered = socket.bytesWritten;
    connection.on('readyForQuery', () => (answered = socket.bytesWritten));
    socket.on('timeout', () => {
      if (socket.bytesWritten > answered) socket.destroy();
    });
  });
}
