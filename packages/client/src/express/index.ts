import type { NextFunction, RequestHandler, Response } from 'express';
import { admit, assertMeets, type Requirements } from '../guard/admission.js';
import { refusalOf } from '../guard/refusal.js';
import { createVerifier, type Verifier, type VerifierOptions } from '../index.js';
import type { Principal } from '../principal.js';

declare global {
  namespace Express {
    interface Request {
      /** Who is asking; set by {@link countersign}. */
      principal?: Principal;
    }
  }
}

export interface CountersignHandler extends RequestHandler {
  /** What it verifies with: `ready()`, `close()` and the metrics are there. */
  readonly verifier: Verifier;
}

function refuse(error: unknown, response: Response, next: NextFunction): void {
  const refusal = refusalOf(error);
  if (refusal) response.status(refusal.status).set(refusal.headers).send(JSON.stringify(refusal.body));
  else next(error);
}

/**
 * Lets requests with a valid access token through and puts their principal on the request; answers the others.
 *
 * @example
 * const guard = countersign({ issuer: 'https://auth.example.com', audience: 'api' });
 * app.use(guard);
 * app.get('/me', (request, response) => response.json(request.principal));
 */
export function countersign(source: Verifier | VerifierOptions): CountersignHandler {
  const verifier = 'verify' in source ? source : createVerifier(source);
  const handler: RequestHandler = async (request, response, next) => {
    try {
      request.principal = await admit(verifier, request.rawHeaders);
    } catch (error) {
      return refuse(error, response, next);
    }
    next();
  };
  return Object.assign(handler, { verifier });
}

/** Asks for one of these roles. It stands behind {@link countersign}. */
export const requireRoles = (...roles: string[]): RequestHandler => requiring({ roles });

/** Asks for all of these scopes. It stands behind {@link countersign}. */
export const requireScopes = (...scopes: string[]): RequestHandler => requiring({ scopes });

function requiring(requirements: Requirements): RequestHandler {
  return ({ principal }, response, next) => {
    if (!principal) return next(new Error('Roles and scopes are required on a route without countersign()'));
    try {
      assertMeets(principal, requirements);
    } catch (error) {
      return refuse(error, response, next);
    }
    next();
  };
}
