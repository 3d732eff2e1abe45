import type { Server } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';

/** How long clients with an open connection get to hear `Connection: close` before idle ones are cut. */
const NOTICE_MS = 1_000;

/** Lets a server stop without losing a request: first every answer closes its connection, then the socket is closed. */
@Injectable()
export class ConnectionDrain {
  private draining = false;
  private server: Server | undefined;

  get isDraining(): boolean {
    return this.draining;
  }

  attach(fastify: FastifyInstance): void {
    this.server = fastify.server;
    fastify.addHook('onRequest', (_request, reply, done) => {
      if (this.draining) reply.header('Connection', 'close');
      done();
    });
  }

  /** Resolves when clients have been told; the server still accepts and answers until it is closed. */
  async begin(): Promise<void> {
    this.draining = true;
    // What was asked before that answers without the notice; its connection must not idle for longer than we stay.
    if (this.server) this.server.keepAliveTimeout = 1;
    await new Promise((resolve) => setTimeout(resolve, NOTICE_MS));
  }
}
