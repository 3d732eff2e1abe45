import type { Server } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setImmediate as afterPoll, setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';

/** How long new connections are still accepted and clients hear `Connection: close`. */
const NOTICE_MS = 1_000;
/** How long a connection that was accepted last may take to send its request. */
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

  /** For what would go on for as long as its client likes: it is told to end when the server begins to stop. */
  onBegin(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Resolves when clients have been told and nobody new is accepted; what was sent until then is still answered. */
  async begin(): Promise<void> {
    this.draining = true;
    for (const listener of this.listeners) listener();
    // What was asked before that answers without the notice; its connection must not idle for longer than we stay.
    this.server!.keepAliveTimeout = 1;
    await sleep(NOTICE_MS);
    await this.stopListening();
    const deadline = performance.now() + LAST_REQUEST_MS;
    while (this.connections.size > 0 && performance.now() < deadline) await sleep(20);
    this.closeUnused();
  }

  /** Closes the connections without a first request: Node does not count them as idle, and would wait for them. */
  closeUnused(): void {
    for (const socket of this.connections) if (socket.bytesRead === 0) socket.destroy();
  }

  /**
   * Closing resets the connections that wait in the kernel's queue, of which Node accepts one per turn of its loop. So
   * nothing is read until a turn has accepted none and was too short for more to come; then the socket is closed.
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
    // Not http's own close, which cuts idle connections at once.
    NetServer.prototype.close.call(this.server!);
    for (const socket of this.connections) socket.resume();
  }
}
