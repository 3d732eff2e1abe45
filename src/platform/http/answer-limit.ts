import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, preValidationHookHandler } from 'fastify';
import { AppError } from '../../common/errors.js';
import { ConfigureRoute } from './routes/route-config.js';

/** The time to answer in milliseconds. Every request is answered within 3 s; the timer and the answer take the rest. */
const LIMIT_MS = 2_600;
const TICK_MS = 100;

declare module 'fastify' {
  interface FastifyContextConfig {
    takesLong?: boolean;
  }
}

/** Marks a route that may answer later by its nature: a long poll, or a change of very many rows. */
export const TakesLong = () => ConfigureRoute({ takesLong: true });

interface Waiting {
  ticksLeft: number;
}

const ownWait = new AsyncLocalStorage<Waiting>();

/**
 * Excludes so many milliseconds from the limit, for a wait whose end is known and after which the request is served.
 */
export function excuseWait(milliseconds: number): void {
  const waiting = ownWait.getStore();
  if (waiting) waiting.ticksLeft += milliseconds / TICK_MS;
}

/**
 * Answers 503 to requests that have waited too long, in any queue. Each single wait has a shorter limit of its own, but
 * a request may have several. Its change may still be made after the answer, as after a lost connection.
 */
@Injectable()
export class AnswerLimit implements OnModuleDestroy {
  /** One timer serves all requests, which costs each of them almost nothing. */
  private readonly waiting = new Map<FastifyReply, Waiting>();
  private readonly timer = setInterval(() => this.tick(), TICK_MS).unref();

  attach(fastify: FastifyInstance): void {
    // Added to each route, because Fastify creates the options of a route again each time that a request reads them.
    fastify.addHook('onRoute', (route) => {
      // The first hook after the body, because slow clients have limits of their own.
      if (!route.config?.takesLong) route.preValidation = [this.limit, ...[route.preValidation ?? []].flat()];
    });
    fastify.addHook('onResponse', (_request, reply, done) => {
      this.waiting.delete(reply);
      done();
    });
  }

  /** Returns the milliseconds that are left for an answer; Infinity for a route that takes long. */
  remaining(reply: FastifyReply): number {
    return (this.waiting.get(reply)?.ticksLeft ?? Infinity) * TICK_MS;
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private readonly limit: preValidationHookHandler = (request, reply, done) => {
    const waiting = this.watch(reply);
    // Reads use no `excuseWait`, and need not pay for it.
    if (request.method === 'GET' || request.method === 'HEAD') return done();
    ownWait.run(waiting, done);
  };

  private watch(reply: FastifyReply): Waiting {
    const waiting = { ticksLeft: LIMIT_MS / TICK_MS };
    this.waiting.set(reply, waiting);
    return waiting;
  }

  private tick(): void {
    for (const [reply, waiting] of this.waiting) {
      waiting.ticksLeft -= 1;
      if (waiting.ticksLeft > 0) continue;
      this.waiting.delete(reply);
      const cause = new Error(`no answer within ${LIMIT_MS} ms`);
      if (!reply.sent) void reply.send(new AppError('unavailable', { cause, retryAfterSeconds: 2 }));
    }
  }
}
