import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as afterPoll, setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';

/** How long clients with an open connection get to hear `Connection: close` before idle ones are cut. */
const NOTICE_MS = 1_000;
const SWEEP_MS = 100;

/** Lets a server stop without losing a request: first every answer closes its connection, then the socket is closed. */
@Injectable()
export class ConnectionDrain {
  private draining = false;
  private server: Server | undefined;
  /** Connections on which nothing has been asked yet, and since when; Node does not count them among the idle ones. */
  private readonly silent = new Map<Socket, number>();

  get isDraining(): boolean {
    return this.draining;
  }

  attach(fastify: FastifyInstance): void {
    this.server = fastify.server;
    this.server.on('connection', (socket: Socket) => {
      this.silent.set(socket, performance.now());
      socket.once('close', () => this.silent.delete(socket));
    });
    fastify.addHook('onRequest', (request, reply, done) => {
      this.silent.delete(request.raw.socket);
      if (this.draining) reply.header('Connection', 'close');
      done();
    });
  }

  /**
   * Resolves when clients have been told; the server still accepts and answers until it is closed. What was asked before
   * that answers without the notice, so idle connections are swept up until the end.
   */
  async begin(): Promise<void> {
    this.draining = true;
    await sleep(NOTICE_MS);
    setInterval(() => void this.closeIdle(), SWEEP_MS).unref();
  }

  /** Right after the event loop has read what arrived, so that no request is taken for silence. */
  private async closeIdle(): Promise<void> {
    await afterPoll();
    this.server?.closeIdleConnections();
    for (const [socket, since] of this.silent) if (performance.now() - since > NOTICE_MS) socket.destroy();
  }
}
