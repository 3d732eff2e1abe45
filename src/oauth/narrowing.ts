import { AppError } from '../common/errors.js';

// RFC 6749 3.3.
const SCOPES = /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/;

/** Parses a `scope` parameter into its scopes, each once. Throws `invalid_scope`. */
export function scopesOf(parameter: string): readonly string[] {
  if (!SCOPES.test(parameter)) throw new AppError('invalid_scope');
  return [...new Set(parameter.split(' '))];
}

/**
 * Returns the requested scopes, where all of them are allowed; all allowed scopes where none is requested
 * (RFC 6749 3.3). Throws `invalid_scope`.
 */
export function narrowScopes(requested: string | undefined, allowed: readonly string[]): readonly string[] {
  if (requested === undefined) return allowed;
  const scopes = scopesOf(requested);
  if (!scopes.every((scope) => allowed.includes(scope))) throw new AppError('invalid_scope');
  return scopes;
}

/**
 * Returns the requested audiences, by either parameter, where all of them are allowed; the first allowed one where none
 * is requested. Throws `invalid_target`.
 */
export function narrowAudiences(
  { audience, resource }: { audience?: string | undefined; resource?: string | undefined },
  allowed: readonly string[],
): readonly string[] {
  const requested = [audience, resource].flatMap((names) => names?.split(' ') ?? []);
  if (requested.length === 0) return allowed.slice(0, 1);
  const audiences = [...new Set(requested)];
  if (!audiences.every((name) => allowed.includes(name))) throw new AppError('invalid_target');
  return audiences;
}
