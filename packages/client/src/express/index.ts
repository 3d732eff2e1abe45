import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { admit, assertMeets, reporting, type Requirements } from '../guard/admission.js';
import { refusalOf } from '../guard/refusal.js';
import { createVerifier, type Verifier, type VerifierOptions } from '../index.js';
import type { Principal } from '../principal.js';
import { METADATA_HEADERS } from '../protected-resource.js';

declare global {
  namespace Express {
    interface Request {
      /** The caller; set by {@link countersign}. */
      principal?: Principal;
    }
  }
}

export interface CountersignHandler extends RequestHandler {
  /** The verifier of the handler, with `ready()`, `close()` and the metrics. */
  readonly verifier: Verifier;
  /**
   * Serves the metadata of the service (RFC 9728), with the option `resource`. Mount it at the root of the application,
   * before every handler that is closed.
   */
  readonly metadata: RequestHandler;
}

function refuse(error: unknown, request: Request, response: Response, next: NextFunction, verifier: Verifier): void {
  const refusal = refusalOf(error, request.rawHeaders, verifier.protectedResource);
  if (refusal) response.status(refusal.status).set(refusal.headers).send(JSON.stringify(refusal.body));
  else next(error);
}

const VERIFIER = Symbol.for('countersign:verifier');

/** The verifier that has accepted the request also reports missing roles. */
type GuardedRequest = Request & { [VERIFIER]?: Verifier };

/**
 * Admits requests with a valid access token, and puts their principal on the request; answers all others.
 *
 * @example
 * const guard = countersign({ issuer: 'https://auth.example.com', audience: 'api' });
 * app.use(guard);
 * app.get('/me', (request, response) => response.json(request.principal));
 *
 */
export function countersign(source: Verifier | VerifierOptions): CountersignHandler {
  const verifier = 'verify' in source ? source : createVerifier(source);
  const handler: RequestHandler = async (request, response, next) => {
    (request as GuardedRequest)[VERIFIER] = verifier;
    try {
      const { rawHeaders, method, originalUrl: url } = request;
      request.principal = await admit(verifier, { rawHeaders, method, url });
    } catch (error) {
      return refuse(error, request, response, next, verifier);
    }
    next();
  };
  return Object.assign(handler, { verifier, metadata: metadataOf(verifier) });
}

const metadataOf =
  ({ protectedResource: resource }: Verifier): RequestHandler =>
  (request, response, next) => {
    const isAsked = request.path === resource?.path && (request.method === 'GET' || request.method === 'HEAD');
    if (isAsked) response.set(METADATA_HEADERS).send(JSON.stringify(resource.metadata));
    else next();
  };

/** Requires one of these roles. Mount it after {@link countersign}. */
export const requireRoles = (...roles: string[]): RequestHandler => requiring({ roles });

/** Requires all of these scopes. Mount it after {@link countersign}. */
export const requireScopes = (...scopes: string[]): RequestHandler => requiring({ scopes });

function requiring(requirements: Requirements): RequestHandler {
  return (request, response, next) => {
    const { principal } = request;
    const verifier = (request as GuardedRequest)[VERIFIER];
    if (!principal || !verifier)
      return next(new Error('Roles and scopes are required on a route without countersign()'));
    try {
      reporting(verifier, () => assertMeets(principal, requirements));
    } catch (error) {
      return refuse(error, request, response, next, verifier);
    }
    next();
  };
}
