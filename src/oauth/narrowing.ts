import { AppError } from '../common/errors.js';

// RFC 6749 3.3.
const SCOPES = /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/;

/** The scopes of a `scope` parameter, each once. Throws `invalid_scope`. */
export function scopesOf(parameter: string): readonly string[] {
  if (!SCOPES.test(parameter)) throw new AppError('invalid_scope');
  return [...new Set(parameter.split(' '))];
}

/**
 * What is asked for, where all of it may be had; all of that where nothing is asked for (RFC 6749 3.3). Throws
 * `invalid_scope`.
 */
export function narrowScopes(requested: string | undefined, allowed: readonly string[]): readonly string[] {
  if (requested === undefined) return allowed;
  const scopes = scopesOf(requested);
  if (!scopes.every((scope) => allowed.includes(scope))) throw new AppError('invalid_scope');
  return scopes;
}

/** Whom is asked for, by either name, where all of them may be; the first of them where none is. Throws `invalid_target`. */
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
