import { TokenError } from '../errors.js';
import type { Verifier } from '../index.js';
import type { Principal } from '../principal.js';
import { TokenFault } from '../token-fault.js';
import { credentialsOf } from './credentials.js';

/** What a route asks of a principal. */
export interface Requirements {
  /** One of these. */
  roles?: readonly string[] | undefined;
  /** All of these. */
  scopes?: readonly string[] | undefined;
}

/** Who may call a route: everybody, or principals who meet the requirements. */
export type Access = 'public' | Requirements;

/** A request, as every framework can tell of it. */
export interface GuardedRequest {
  readonly rawHeaders: readonly string[];
  readonly method: string;
  /** Path and query as the client sent them, whatever was rewritten since. */
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
 * Who sent a request, if they may.
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

/** Does what may throw a refusal, and has the verifier tell of it. */
export function reporting<T>(verifier: Verifier, decide: () => T): T {
  try {
    return decide();
  } catch (error) {
    if (error instanceof TokenError) verifier.report(error);
    throw error;
  }
}
