import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { EmbeddedPostgresError, OR_ANOTHER_DATABASE } from './embedded-error.js';

export const LOOPBACK = '127.0.0.1';

// Below the ports that any system gives to outgoing connections (Linux begins at 32768). A client that reconnects while
// the server is down could otherwise get the server's own port, connect to itself, and block the server.
const FIRST = 20_000;
const LAST = 29_999;

/** Returns a TCP port of the loopback interface on which no process listens right now. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = randomInt(FIRST, LAST + 1);
    if (await isFree(port)) return port;
  }
  throw new EmbeddedPostgresError(
    `No free port between ${FIRST} and ${LAST} was found on ${LOOPBACK} for the embedded database. Stop what listens ` +
      `there, or ${OR_ANOTHER_DATABASE}.`,
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: LOOPBACK, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
