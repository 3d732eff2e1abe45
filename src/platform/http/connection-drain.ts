import type { Server } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setImmediate as afterPoll, setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';

/** How long new connections are still accepted and answers say `Connection: close`, in milliseconds. */
const NOTICE_MS = 1_000;
/** How long the connection that was accepted last may take to send its request, in milliseconds. */
const LAST_REQUEST_MS = 1_000;
const QUIET_TURN_MS = 0.2;

/** Lets a server stop without losing a request: first every answer closes its connection, then the socket is closed. */
@Injectable()
export class ConnectionDrain {
  private readonly connections = new Set<Socket>();
  private readonly listeners: (() => void)[] = [];
  private server: Server | null = null;
  private accepted = 0;
  private draining = false;

  get isDraining(): boolean {
    return this.draining;
  }

  attach(fastify: FastifyInstance): void {
    this.server = fastify.server;
    this.server.on('connection', (socket: Socket) => {
      this.accepted += 1;
      this.connections.add(socket);
      socket.once('close', () => this.connections.delete(socket));
    });
    fastify.addHook('onRequest', (_request, reply, done) => {
      if (this.draining) reply.header('Connection', 'close');
      done();
    });
  }

  /** Registers a listener for the begin of the stop, for answers that would continue as long as their client wants. */
  onBegin(listener: () => void): void {
    this.listeners.push(listener);
  }

  /**
   * Begins to stop. Resolves when clients have been told and no new connection is accepted. Requests that were sent
   * until then are still answered.
   */
  async begin(): Promise<void> {
    this.draining = true;
    for (const listener of this.listeners) listener();
    // Earlier requests are answered without the notice. Their connections must not stay idle for longer than the stop
    // takes.
    this.server!.keepAliveTimeout = 1;
    await sleep(NOTICE_MS);
    await this.stopListening();
    const deadline = performance.now() + LAST_REQUEST_MS;
    while (this.connections.size > 0 && performance.now() < deadline) await sleep(20);
    this.closeUnused();
  }

  /** Closes the connections that have sent no request: Node does not count them as idle, and would wait for them. */
  closeUnused(): void {
    for (const socket of this.connections) if (socket.bytesRead === 0) socket.destroy();
  }

  /**
   * Closes the listening socket. That resets the connections in the kernel's queue, of which Node accepts one per turn
   * of its loop. So it waits, without reading, for a turn that has accepted none and was too short for new ones, and
   * closes the socket then.
   */
  private async stopListening(): Promise<void> {
    const deadline = performance.now() + NOTICE_MS;
    for (let now = performance.now(), quiet = false; !quiet && now < deadline;) {
      for (const socket of this.connections) socket.pause();
      const { accepted } = this;
      const began = now;
      await afterPoll();
      now = performance.now();
      quiet = accepted === this.accepted && now - began < QUIET_TURN_MS;
    }
    // The close of `http` is not used, because it closes idle connections at once.
    NetServer.prototype.close.call(this.server!);
    for (const socket of this.connections) socket.resume();
  }
}
