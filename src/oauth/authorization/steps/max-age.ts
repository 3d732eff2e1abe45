import { AppError } from '../../../common/errors.js';
import type { AuthorizationParametersDto } from '../authorization.dto.js';

/** Returns the most seconds since the sign-in; null where any age is accepted. Throws `invalid_request`. */
export function maxAgeOf({ max_age: text }: AuthorizationParametersDto): number | null {
  if (text === undefined) return null;
  if (!/^\d{1,10}$/.test(text)) throw new AppError('invalid_request', { detail: 'max_age must be seconds' });
  return Number(text);
}
