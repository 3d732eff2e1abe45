import { TokenError } from '../errors.js';
import type { Verifier } from '../index.js';
import type { Principal } from '../principal.js';
import { TokenFault } from '../token-fault.js';
import { credentialsOf } from './credentials.js';

/** The requirements of a route on a principal. */
export interface Requirements {
  /** The roles, one of which is required. */
  roles?: readonly string[] | undefined;
  /** The scopes, all of which are required. */
  scopes?: readonly string[] | undefined;
}

/** The callers that a route admits: everybody, or principals who meet the requirements. */
export type Access = 'public' | Requirements;

/** The parts of a request that every framework knows. */
export interface GuardedRequest {
  readonly rawHeaders: readonly string[];
  readonly method: string;
  /** Path and query as the client sent them, before any rewriting. */
  readonly url: string;
}

/** @throws TokenError `insufficient_role` or `insufficient_scope`. */
export function assertMeets(principal: Principal, { roles, scopes }: Requirements): void {
  if (roles && !roles.some((role) => principal.roles.includes(role)))
    throw new TokenError('insufficient_role', new TokenFault('roles', ['one of', ...roles], principal.roles));
  if (!(scopes ?? []).every((scope) => principal.scopes.includes(scope)))
    throw new TokenError('insufficient_scope', new TokenFault('scope', scopes, principal.scopes));
}

/**
 * Returns the principal of a request that the route admits.
 *
 * @throws TokenError
 * @throws VerifierUnavailableError
 */
export async function admit(
  verifier: Verifier,
  { rawHeaders, method, url }: GuardedRequest,
  requirements: Requirements = {},
): Promise<Principal> {
  const { token, proof } = reporting(verifier, () => credentialsOf(rawHeaders));
  const principal = await verifier.verify(token, proof === null ? undefined : { proof, method, url });
  reporting(verifier, () => assertMeets(principal, requirements));
  return principal;
}

/** Calls a function, and reports a refusal that it throws to the verifier. */
export function reporting<T>(verifier: Verifier, decide: () => T): T {
  try {
    return decide();
  } catch (error) {
    if (error instanceof TokenError) verifier.report(error);
    throw error;
  }
}
