import type { ServerResponse } from 'node:http';
import { HttpException, Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { HttpAdapterHost, Reflector } from '@nestjs/core';
import { TokenError } from '../errors.js';
import { admit } from '../guard/admission.js';
import { PROBLEM, refusalOf } from '../guard/refusal.js';
import type { Verifier } from '../index.js';
import type { Principal } from '../principal.js';
import { accessOf } from './access.decorators.js';

/** Injects the {@link Verifier} that the guard uses, with `ready()` and the metrics. */
export const VERIFIER = Symbol.for('countersign:verifier');

interface RawRequest {
  readonly rawHeaders: readonly string[];
}

/** A request of Express, or one of Fastify, which wraps Node's. */
type FrameworkRequest = (RawRequest | { readonly raw: RawRequest }) & {
  readonly method: string;
  readonly originalUrl: string;
  principal?: Principal;
};

/** Guards every route: open only where `@Public()` says so. */
@Injectable()
export class CountersignGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly host: HttpAdapterHost,
    @Inject(VERIFIER) private readonly verifier: Verifier,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = accessOf(this.reflector, context);
    if (access === 'public') return true;
    // Messages of a socket or a queue have no header with a token.
    if (context.getType() !== 'http') throw new TokenError('token_missing');
    const http = context.switchToHttp();
    const request = http.getRequest<FrameworkRequest>();
    const { method, originalUrl: url } = request;
    const { rawHeaders } = 'raw' in request ? request.raw : request;
    try {
      request.principal = await admit(this.verifier, { rawHeaders, method, url }, access);
      return true;
    } catch (error) {
      throw this.answerTo(error, rawHeaders, http.getResponse());
    }
  }

  /** Returns an exception that Nest, or a filter of the application, renders; the headers are already set. */
  private answerTo(error: unknown, rawHeaders: readonly string[], response: unknown): unknown {
    const refusal = refusalOf(error, rawHeaders, this.verifier.protectedResource);
    if (!refusal) return error;
    const { httpAdapter } = this.host;
    const isExpress = httpAdapter.getType() === 'express';
    for (const [name, value] of Object.entries(refusal.headers)) {
      if (name !== 'Content-Type' || !isExpress) httpAdapter.setHeader(response, name, value);
    }
    if (isExpress) labelAsProblem(response as ServerResponse);
    return new HttpException(refusal.body, refusal.status, { cause: error });
  }
}

/**
 * Sets the type of a JSON answer when its head is written. Nest 11 on Express accepts only `application/json` as JSON:
 * it replaces every other type that is set before, with a warning for each refusal.
 */
function labelAsProblem(response: ServerResponse): void {
  const { writeHead } = response;
  response.writeHead = ((...head: Parameters<typeof writeHead>) => {
    if (/^application\/json\b/.test(String(response.getHeader('Content-Type')))) {
      response.setHeader('Content-Type', PROBLEM);
    }
    return writeHead.apply(response, head);
  }) as typeof writeHead;
}
