import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest, onResponseHookHandler } from 'fastify';

/** One answered request. Callers choose none of the texts: paths that do not exist have one route, odd methods one name. */
export interface AnsweredRequest {
  readonly method: string;
  /** The pattern of the route. */
  readonly route: string;
  readonly status: number;
}

type Observer = (request: AnsweredRequest, seconds: number) => void;

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const UNMATCHED = 'unmatched';

/** Measures every request by the pattern of its route. */
@Injectable()
export class RequestMetrics {
  private observer: Observer = () => undefined;

  /** Must be called before any route is registered, and only where metrics are on: each request pays for it. */
  attach(fastify: FastifyInstance): void {
    // Added to each route, because Fastify creates the options of a route again each time that a request reads them.
    fastify.addHook('onRoute', (route) => {
      route.onResponse = [this.measure(route.url), ...[route.onResponse ?? []].flat()];
    });
    const unmatched = this.measure(UNMATCHED);
    fastify.addHook('onResponse', function onResponse(request, reply, done) {
      if (request.is404) return unmatched.call(this, request, reply, done);
      done();
    });
  }

  observeWith(observer: Observer): void {
    this.observer = observer;
  }

  private measure(route: string): onResponseHookHandler {
    return ({ method }: FastifyRequest, reply: FastifyReply, done: () => void) => {
      const known = METHODS.has(method) ? method : 'other';
      this.observer({ method: known, route, status: reply.statusCode }, reply.elapsedTime / 1000);
      done();
    };
  }
}
