import { isUtf8 } from 'node:buffer';
import { AppError } from '../../common/errors.js';
import type { BodyType } from '../../platform/http/body-types.js';

/** The parameters of a form, by their names. */
export type Form = ReadonlyMap<string, string>;

/** More than any endpoint knows. */
const MAX_PARAMETERS = 100;

/** What may stand several times (RFC 8707 2, RFC 8693 2.1): the values are parted by spaces then, which none of them has. */
const REPEATABLE = new Set(['audience', 'resource']);

/**
 * Forms, for the endpoints of RFC 6749 alone: a browser sends one from any page without asking first. A parameter without
 * a value is an absent one, and none stands twice (RFC 6749 3.2).
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
