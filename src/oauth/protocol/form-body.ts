import { isUtf8 } from 'node:buffer';
import { AppError } from '../../common/errors.js';
import type { BodyType } from '../../platform/http/request/body-types.js';

/** The parameters of a form, by their names. */
export type Form = ReadonlyMap<string, string>;

/** The most parameters of a form: more than any endpoint knows. */
const MAX_PARAMETERS = 100;

/**
 * Parameters that may be repeated (RFC 8707 2, RFC 8693 2.1). Their values are joined by spaces, which none of them
 * contains.
 */
const REPEATABLE = new Set(['audience', 'resource']);

/**
 * Forms, only for the endpoints of RFC 6749: a browser sends one from any page without a preflight. A parameter without
 * a value counts as absent, and none may be repeated (RFC 6749 3.2).
 */
export const OAUTH_FORM: BodyType = {
  mediaType: 'application/x-www-form-urlencoded',
  parse(body): Form {
    if (!isUtf8(body)) throw new AppError('invalid_request', { detail: 'the body is not UTF-8' });
    const form = new Map<string, string>();
    const parameters = new URLSearchParams(body.toString());
    if (parameters.size > MAX_PARAMETERS) {
      throw new AppError('invalid_request', { detail: `there are more than ${MAX_PARAMETERS} parameters` });
    }
    for (const [name, value] of parameters) {
      const before = form.get(name);
      if (before !== undefined && !REPEATABLE.has(name)) {
        throw new AppError('invalid_request', { detail: 'a parameter stands twice' });
      }
      if (value !== '') form.set(name, before === undefined ? value : `${before} ${value}`);
    }
    return form;
  },
};
